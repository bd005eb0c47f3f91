import { expect, test } from 'vitest';
import {
  EVERYTHING,
  parseDuration,
  parseRange,
  type RangeAsked,
} from '../../src/analysis/range.js';
import { splitRange } from '../../src/analysis/series.js';

const NOW = Date.parse('2026-11-23T18:00:30.250Z');
const DAY = 86_400_000;

function used(asked: RangeAsked, nowMs = NOW) {
  const parsed = parseRange(asked, nowMs);
  if (!parsed.ok) throw new Error(parsed.message);
  const { range, ...rest } = parsed.used;
  const iso = range && [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
  return { ...rest, range: iso };
}

function message(asked: RangeAsked): string {
  const parsed = parseRange(asked, NOW);
  return parsed.ok ? '' : parsed.message;
}

test('without anything, everything is meant', () => {
  expect(parseRange({}, NOW)).toEqual({ ok: true, used: EVERYTHING });
});

test('a duration ends now and is rounded outwards to minutes', () => {
  expect(used({ range: '1h' })).toEqual({
    requested: '1h',
    range: ['2026-11-23T17:00:00.000Z', '2026-11-23T18:01:00.000Z'],
    roundedTo: 'minute',
  });
});

test('now belongs to it also on the stroke of a minute', () => {
  const { range } = used({ range: '1h' }, Date.parse('2026-11-23T18:00:00Z'));
  expect(range).toEqual(['2026-11-23T17:00:00.000Z', '2026-11-23T18:01:00.000Z']);
});

test('beyond 31 days it is rounded to hours, up to there to minutes', () => {
  expect(used({ range: '32d' })).toMatchObject({
    range: ['2026-10-22T18:00:00.000Z', '2026-11-23T19:00:00.000Z'],
    roundedTo: 'hour',
  });
  expect(used({ range: '31d' }).roundedTo).toBe('minute');
});

test('from and to are times, with any offset', () => {
  const asked = { from: '2026-11-23T10:00:30+01:00', to: '2026-11-23T10:30:01Z' };
  expect(used(asked)).toEqual({
    requested: undefined,
    range: ['2026-11-23T09:00:00.000Z', '2026-11-23T10:31:00.000Z'],
    roundedTo: 'minute',
  });
  expect(used({ from: '2026-11-23T18:00:00Z' }).range?.[1]).toBe('2026-11-23T18:01:00.000Z');
  expect(used({ to: '2026-11-23T18:00:00Z' }).range?.[0]).toBe('2000-01-01T00:00:00.000Z');
});

test.each([
  ['15m', 900_000],
  ['1h30m', 5_400_000],
  ['30d', 30 * DAY],
  ['1y2w3d', (365 + 14 + 3) * DAY],
  ['1500ms', 1_500],
])('%s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '1', 'h', '1.5h', '-1h', '1h 2m', '1m1h', '1H', '1h1h', '99999999999999999999y'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('what cannot be answered is told: what, wanted and got', () => {
  expect(message({ range: 'soon' })).toBe(
    'range: expected a duration such as 15m, 1h or 30d, got "soon"',
  );
  expect(message({ range: '0s' })).toContain('got "0s"');
  expect(message({ range: '1h', from: '2026-01-01T00:00:00Z' })).toContain('got both');
  expect(message({ from: 'yesterday' })).toBe(
    'from: expected a time in RFC 3339 such as 2026-11-23T18:00:00Z, got "yesterday"',
  );
  expect(message({ from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })).toContain(
    'from: expected a time before to',
  );
  expect(message({ range: 'x'.repeat(100_000) }).length).toBeLessThan(200);
});

test('a range far in the past or longer than time itself stays within the calendar', () => {
  expect(used({ range: '9000y' }).range?.[0]).toBe('2000-01-01T00:00:00.000Z');
  expect(used({ from: '0001-01-01T00:00:00Z' }).range?.[0]).toBe('2000-01-01T00:00:00.000Z');
  expect(message({ from: '1990-01-01T00:00:00Z', to: '1991-01-01T00:00:00Z' })).toContain('2000');
});

test('a range is split into at most sixty steps that cover it without gaps', () => {
  for (const spanMs of [60_000, 3_660_000, DAY + 60_000, 31 * DAY, 400 * DAY, 20 * 365 * DAY]) {
    const fromMs = Date.UTC(2026, 3, 5, 7, 23);
    const parts = splitRange({ fromMs, toMs: fromMs + spanMs });
    expect(parts.length).toBeLessThanOrEqual(60);
    expect(parts[0]?.fromMs).toBe(fromMs);
    expect(parts.at(-1)?.toMs).toBe(fromMs + spanMs);
    for (const [i, part] of parts.slice(1).entries()) expect(part.fromMs).toBe(parts[i]?.toMs);
  }
  const hours = splitRange({ fromMs: Date.UTC(2026, 3, 5, 7, 30), toMs: Date.UTC(2026, 3, 6, 8) });
  expect(hours).toHaveLength(25);
});

test('up to a week is told hour by hour', () => {
  const toMs = Date.UTC(2026, 3, 12, 7, 23);
  const hours = splitRange({ fromMs: toMs - 7 * DAY, toMs });
  expect(hours).toHaveLength(7 * 24 + 1);
  expect(splitRange({ fromMs: toMs - 8 * DAY, toMs })).toHaveLength(4 * 8 + 1);
});
