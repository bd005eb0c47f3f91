// The runbooks send people to metrics, calls, flags and events that exist.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApi } from '../../src/app/openapi.js';
import { EVENT_TYPES } from '../../src/core/event.js';
import { METRICS } from '../../src/metrics/table.js';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { rulesFile } from '../../src/rules/rules-file.js';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const runbooks = read('docs/runbooks.md');

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

test('every section says what the alert means, how to look and what to do', () => {
  for (const section of runbooks.split('\n## ').slice(1)) {
    const [alert] = section.split('\n');
    expect(all(section, /^\*\*(.+)\.\*\*/gm), alert).toEqual([
      'What it means',
      'How to look',
      'What to do',
    ]);
  }
});

test('metrics and recorded series are some that exist', () => {
  const file = rulesFile(DEFAULT_OPTIONS);
  const recorded = new Set(file.ok ? all(file.text, /record: (\S+)/g) : []);
  const named = all(runbooks, /`((?:job\w*:)?selfhealer_[\w:]+)/g);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !(name in METRICS) && !recorded.has(name))).toEqual([]);
});

test('events to send, in runbooks and actions of alerts, are some that exist', () => {
  const file = rulesFile(DEFAULT_OPTIONS);
  for (const text of [runbooks, file.ok ? file.text : '']) {
    const named = all(text, /([\w.]+\.(?:detected|resolved|completed|registered))\b/g);
    expect(named).not.toEqual([]);
    expect(named.filter((name) => EVENT_TYPES.every((type) => type !== name))).toEqual([]);
  }
});

test('calls and their parameters are some that exist', () => {
  const operations = z.record(z.string(), z.unknown()).parse(openApi()['paths']);
  const calls = all(runbooks, /`GET (\/[^`]+)`/g);
  expect(calls).not.toEqual([]);
  for (const call of calls) {
    const [path = '', query = ''] = call.split('?');
    const described = JSON.stringify(operations[path] ?? '');
    for (const parameter of all(query, /(\w+)=/g)) {
      expect(described, call).toContain(`"name":"${parameter}"`);
    }
    expect(operations, call).toHaveProperty([path]);
  }
});

test('flags are some that exist', () => {
  const flags = all(runbooks, /(--[a-z][\w.-]+)/g);
  expect(flags).not.toEqual([]);
  const known = read('docs/configuration.md') + read('src/app/commands/rule-flags.ts');
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
});
