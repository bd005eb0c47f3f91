/** Rule groups as YAML that a person reads: comments, one expression a block, the order of the code. */
import { stringify } from 'yaml';
import { formatDuration } from './duration.js';
import { scaledIntervalMs, type Rule, type RuleGroup } from './rule.js';

const WIDTH = 100;

/** `header` stands at the top as a comment. */
export function renderGroups(
  header: string,
  groups: readonly RuleGroup[],
  timeScale: number,
): string {
  const scaled = (durationMs: number): string => formatDuration(Math.round(durationMs * timeScale));
  const lines = [...comment(header, ''), '', 'groups:'];
  for (const group of groups) {
    lines.push('', ...comment(group.comment, '  '));
    lines.push(
      `  - name: ${group.name}`,
      `    interval: ${formatDuration(scaledIntervalMs(group.intervalMs, timeScale))}`,
      '    rules:',
    );
    for (const [i, rule] of group.rules.entries()) {
      if (i > 0) lines.push('');
      lines.push(...ruleLines(rule, scaled));
    }
  }
  return `${lines.join('\n')}\n`;
}

function ruleLines(rule: Rule, scaled: (durationMs: number) => string): string[] {
  const lines = rule.comment === undefined ? [] : comment(rule.comment, '      ');
  lines.push(
    rule.kind === 'record' ? `      - record: ${rule.record}` : `      - alert: ${rule.alert}`,
  );
  lines.push('        expr: |-', ...rule.expr.split('\n').map((line) => `          ${line}`));
  if (rule.kind === 'alert' && rule.pendingMs > 0)
    lines.push(`        for: ${scaled(rule.pendingMs)}`);
  lines.push(...mapLines('labels', rule.labels ?? {}));
  if (rule.kind === 'alert') lines.push(...mapLines('annotations', rule.annotations));
  return lines;
}

function mapLines(key: string, map: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(map);
  if (entries.length === 0) return [];
  return [
    `        ${key}:`,
    ...entries.map(([name, value]) => {
      return `          ${stringify(name).trimEnd()}: ${stringify(value, { lineWidth: 0 }).trimEnd()}`;
    }),
  ];
}

function comment(text: string, indent: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = `${indent}#`;
    for (const word of paragraph.split(' ')) {
      if (line.length + word.length + 1 > WIDTH) {
        lines.push(line);
        line = `${indent}#`;
      }
      line = `${line} ${word}`;
    }
    return [...lines, line.trimEnd()];
  });
}
