/** docs/events.md is written by hand; what it lists must be what the code takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import {
  AHEAD_MS_MAX,
  DURATION_MS_MAX,
  EVENT_BYTES_MAX,
  EVENTS_PER_BODY_MAX,
  IDENTIFIER_LENGTH_MAX,
  NESTING_MAX,
} from '../../../src/core/decode/limits.js';
import { EVENT_TYPES, INPUTS, PREDICTORS, RESOLUTIONS } from '../../../src/core/event.js';
import { PROBLEM_CODES, REFUSAL_CODES } from '../../../src/core/problem.js';
import { FULL_DATA, RECEIVED_MS, REQUIRED, validEvent } from './valid-events.js';

const TEXT = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

/** The text below a heading, up to the next of the same depth or above. */
function section(heading: string): string {
  const lines = TEXT.split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) expect.fail(`no heading ${heading}`);
  const depth = heading.indexOf(' ');
  const isNext = (line: string) => /^#+ /.test(line) && line.indexOf(' ') <= depth;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(isNext);
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The cells of a section's table, without its head. */
function rows(heading: string): string[][] {
  const lines = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quoted(text: string | undefined): string[] {
  return Array.from((text ?? '').matchAll(/`([^`]+)`/g), ([, word]) => word!);
}

const firstColumn = (heading: string) => rows(heading).map(([cell]) => quoted(cell)[0]);

test('every type has its section, and no other has', () => {
  const headings = Array.from(section('## Types').matchAll(/^### `(.*)`$/gm), ([, type]) => type);
  expect(headings).toEqual(EVENT_TYPES);
});

test('the codes are those of the code, in its order', () => {
  expect(firstColumn('## Why an event is rejected')).toEqual(PROBLEM_CODES);
  expect(firstColumn('## Why a delivery is refused')).toEqual(REFUSAL_CODES);
});

describe.each(EVENT_TYPES)('%s', (type) => {
  const table = rows(`### \`${type}\``);

  test('has its fields in the table', () => {
    const fields = table.map(([cell]) => quoted(cell)[0]);
    expect(new Set(fields)).toEqual(new Set(Object.keys(FULL_DATA[type])));
    const required = table.filter(([, need]) => need === 'yes').map(([cell]) => quoted(cell)[0]);
    expect(new Set(required)).toEqual(new Set(REQUIRED[type]));
  });

  test('has the words of its fields in the table', () => {
    for (const [cell, , value] of table) {
      const field = quoted(cell)[0]!;
      const decoded = decodeValue(validEvent(type, { [field]: 'no such word' }), CONTEXT);
      if (decoded.ok || decoded.code !== 'unknown_word') continue;
      const words = quoted(value?.split(';')[0]);
      expect(decoded.message, field).toContain(`expected one of ${words.join(', ')}, got`);
    }
  });
});

test('the limits are those of the code', () => {
  const limits = rows('### Limits').map(([, limit]) => Number.parseInt(limit ?? '', 10));
  expect(limits).toEqual([
    EVENT_BYTES_MAX,
    NESTING_MAX,
    EVENTS_PER_BODY_MAX,
    16,
    IDENTIFIER_LENGTH_MAX,
    DURATION_MS_MAX,
    AHEAD_MS_MAX,
  ]);
});

test('the glossary has the words of closed lists', () => {
  const glossary = new Map(rows('## Glossary').map(([word, means]) => [word, quoted(means)]));
  expect(glossary.get('input')).toEqual(INPUTS);
  expect(glossary.get('predictor')).toEqual(PREDICTORS);
  expect(glossary.get('resolution')).toEqual(RESOLUTIONS);
});

test('the event that it shows is valid', () => {
  const json = /```json\n([\s\S]*?)```/.exec(section('## One event'))?.[1] ?? '';
  expect(decodeValue(JSON.parse(json), CONTEXT)).toMatchObject({ ok: true });
});

test('the problem that it shows is the one that would be told', () => {
  const json = /```json\n([\s\S]*?)```/.exec(section('## Why an event is rejected'))?.[1] ?? '';
  const decoded = decodeValue(validEvent('selfhealer.degradation.changed', { level: 5 }), CONTEXT);
  const { code, message } = JSON.parse(json);
  expect(decoded).toEqual({ ok: false, code, message });
});
