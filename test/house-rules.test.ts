// House rules that eslint does not check. Each is a function from a file to complaints, so that a bad
// example can prove that it bites.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSources, type SourceFile } from './support/imports.js';

type Rule = (file: SourceFile) => string[];

/** Complaints about every line that matches, unless `excused` says otherwise. */
function perLine(
  pattern: RegExp,
  complaint: string,
  excused: (line: string, previous: string) => boolean = () => false,
): Rule {
  return ({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, i) =>
      pattern.test(line) && !excused(line, lines[i - 1] ?? '')
        ? [`${path}:${i + 1}: ${complaint}`]
        : [],
    );
  };
}

const isComment = (line: string): boolean => /^\s*(\/\/|\*|\/\*)/.test(line);

const todoNamesAnIssue = perLine(
  /\b(TODO|FIXME|XXX|HACK)\b/,
  'a TODO names its issue: TODO(#12)',
  (line) => /\bTODO\(#\d+\)/.test(line),
);

const disablingSaysWhy = perLine(
  /eslint-disable/,
  'say why, after ` -- ` or in a comment above',
  (line, previous) => / -- \S/.test(line) || isComment(previous),
);

const setImmediateSaysWhy = perLine(
  /\bsetImmediate\b/,
  'setImmediate needs a comment above it that says why',
  (line, previous) => isComment(line) || line.includes('//') || isComment(previous),
);

/** A comment stands at the top, or at least above the first thing that others see. */
const saysWhatItIsFor: Rule = ({ path, text }) => {
  const comment = text.search(/^(\/\/|\/\*)/m);
  const firstExport = text.search(/^export /m);
  const isLate = firstExport >= 0 && comment > firstExport;
  return comment < 0 || isLate ? [`${path}: no comment at the top says what it is for`] : [];
};

const nameIsANoun: Rule = ({ path }) =>
  /\/(utils?|helpers?|common|misc)\.ts$/.test(path)
    ? [`${path}: name the file after the one thing in it`]
    : [];

function complaints(rule: Rule, ...folders: string[]): string[] {
  return readSources(...folders)
    .filter(({ path }) => path !== 'test/house-rules.test.ts')
    .flatMap(rule);
}

function inexactVersions(dependencies: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(dependencies)
    .filter(([, version]) => !/^(npm:@?[a-z/-]+@)?\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `package.json: ${name} is ${version}, expected an exact version`);
}

const ALL = ['src', 'demo', 'test', 'bench', 'scripts', 'grafana', 'prometheus', 'examples'];

describe('house rules', () => {
  test('a TODO names an issue', () => {
    expect(complaints(todoNamesAnIssue, ...ALL)).toEqual([]);
  });

  test('switching a lint rule off says why', () => {
    expect(complaints(disablingSaysWhy, ...ALL)).toEqual([]);
  });

  test('setImmediate says why', () => {
    expect(complaints(setImmediateSaysWhy, 'src')).toEqual([]);
  });

  test('every source file says what it is for', () => {
    expect(complaints(saysWhatItIsFor, 'src', 'demo')).toEqual([]);
  });

  test('files are named after what they hold', () => {
    expect(complaints(nameIsANoun, 'src', 'demo')).toEqual([]);
  });

  test('direct dependencies are pinned exactly', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
    expect(inexactVersions(manifest.dependencies)).toEqual([]);
    expect(inexactVersions(manifest.devDependencies)).toEqual([]);
  });
});

describe('each rule bites', () => {
  const bad = (text: string): SourceFile => ({ path: 'src/core/utils.ts', text });

  test.each([
    ['TODO', todoNamesAnIssue, '// TODO: later', '// TODO(#12): later'],
    [
      'disable',
      disablingSaysWhy,
      '// eslint-disable-line no-x',
      '// eslint-disable-line no-x -- y',
    ],
    ['setImmediate', setImmediateSaysWhy, 'setImmediate(f);', '// Lets I/O in.\nsetImmediate(f);'],
    ['purpose', saysWhatItIsFor, 'export const a = 1;', '/** One. */\nexport const a = 1;'],
  ])('%s', (_name, rule, wrong, right) => {
    expect(rule(bad(wrong))).toHaveLength(1);
    expect(rule(bad(right))).toEqual([]);
  });

  test('on names and versions', () => {
    expect(nameIsANoun(bad(''))).toHaveLength(1);
    expect(inexactVersions({ a: '^1.0.0', b: '1.0.0' })).toHaveLength(1);
  });
});
