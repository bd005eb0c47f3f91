// The commands under "See the alert" can be pasted as they stand.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRuleOptions } from '../../src/app/commands/rule-flags.js';
import { rulesFile } from '../../src/rules/rules-file.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, section = ''] = readme.split('\n## See the alert\n');
const [, commands = ''] = section.split('```sh\n');
const lines = (commands.split('```')[0] ?? '').split('\n');

test('what is built in the background is not read by the next line: it is built before', () => {
  const place = (start: string): number => lines.findIndex((line) => line.startsWith(start));
  expect(place('npm run build')).toBe(0);
  expect(lines[0]).not.toContain('&');
  expect(place('npm start ')).toBeGreaterThan(0);
  expect(place('npx selfhealer-exporter rules ')).toBeGreaterThan(0);
});

test('the rules that it asks for are written', () => {
  const words = lines.find((line) => line.includes(' rules '))?.split(' ') ?? [];
  const flags = words.flatMap((word, i): [string, string][] =>
    word.startsWith('--') ? [[word, words[i + 1] ?? '']] : [],
  );
  expect(flags.length).toBeGreaterThan(0);
  const read = readRuleOptions(new Map(flags));
  expect(read.ok && rulesFile(read.options).ok).toBe(true);
});
