// What docs/prometheus.md says of the rules and of what belongs to them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { ruleGroups } from '../../src/rules/rules-file.js';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const docs = read('docs/prometheus.md');

test('the rules that read durations as classic buckets alone are named, and no other does', () => {
  const all = ruleGroups(DEFAULT_OPTIONS).flatMap(({ rules }) => [...rules]);
  const oneShape = all.flatMap((rule) => {
    const reads = /\bselfhealer_\w+_seconds_(bucket|sum|count)\b(?!:)/.test(rule.expr);
    if (!reads || /\n +or\n|\nor\n/.test(rule.expr)) return [];
    return [rule.kind === 'record' ? rule.record : rule.alert];
  });
  expect(oneShape).toHaveLength(2);
  for (const name of oneShape) expect(docs).toContain(`\`${name}\``);
});

test('every file that names labels is to be changed with them', () => {
  const [, paragraph = ''] = docs.split('Who chooses other label names');
  for (const file of ['alertmanager.yml', 'notifications.tmpl']) {
    const text = read(`prometheus/${file}`);
    expect(text).toMatch(/\bjob\b/);
    expect(paragraph.split('\n\n')[0]).toContain(file);
  }
});
