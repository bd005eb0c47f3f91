import { expect, test } from 'vitest';
import { SEVERITIES } from '../../../src/core/event.js';
import { EndedIncidents } from '../../../src/core/state/ended-incidents.js';
import { newIncident } from '../../../src/core/state/incident-facts.js';
import type { Incident } from '../../../src/core/state/incident.js';
import { unpack } from '../../../src/core/state/packed-incident.js';

const T0 = 1_795_435_200_000;
const SIZE = 2_500;

function ended(n: number): Incident {
  const said = {
    source: `/swarms/${n % 3}`,
    failureId: n % 13 === 0 ? `f"é😀${n}é` : `f"${n}`,
    timeMs: T0 + n,
    agentId: `a${n}`,
  };
  return {
    ...newIncident(said, n + 1, n - 7),
    // Of some the time has a fraction, and of some nothing is known.
    activeMs: T0 + n + (n % 5 === 0 ? 0.25 : 0),
    strategy: n % 7 === 0 ? undefined : 'RestartStrategy',
    severity: SEVERITIES[(n % 6) - 1],
    open: n % 17 === 0,
    detected: n % 2 === 0,
    attempts: n % 4,
    failures: n % 3,
    resolutions: 1 + (n % 19 === 0 ? 1 : 0),
    openedMs: T0 - n,
    closedMs: n % 5 === 0 ? T0 : T0 + n,
    completedMs: n % 7 === 0 ? Number.NEGATIVE_INFINITY : T0 + n,
    otherStrategies:
      n % 11 === 0 ? [{ strategy: 'RetryStrategy', timeMs: T0, attempts: n }] : undefined,
    marks: [T0, T0, 0, T0 + n, T0 + n / 2, 2],
  };
}

test('what lies in rows comes back as it was, removed ones apart, from memory and from a snapshot', () => {
  const incidents = new EndedIncidents();
  for (let n = 0; n < SIZE; n += 1) incidents.push(ended(n), T0 + 2 * n, undefined);
  const isRemoved = (n: number): boolean => (n >= 1024 && n < 1100) || n === 0 || n === 2_499;
  for (let n = 0; n < SIZE; n += 1) if (isRemoved(n)) incidents.remove(n);

  const expected = Array.from({ length: SIZE }, (_, n) => n).filter((n) => !isRemoved(n));
  expect([...incidents.rows()]).toEqual(expected);
  for (const n of expected) expect(incidents.read(n)).toEqual(ended(n));
  expect(incidents.is(1_500, '/swarms/0', 'f"1500')).toBe(true);
  expect(incidents.is(1_500, '/swarms/1', 'f"1500')).toBe(false);
  expect(incidents.is(1_500, '/swarms/0', 'f"150')).toBe(false);
  expect(incidents.has(1_024)).toBe(false);
  expect(incidents.read(1_024)).toBeUndefined();

  const unpacked = [...incidents.packed()].flatMap((piece) => [...unpack(piece)]);
  // Without hashes: those of another process differ.
  expect(unpacked).toEqual(
    expected.map((n) => ({ incident: { ...ended(n), idHash: 0 }, forgetMs: T0 + 2 * n })),
  );
});

test('rows are found, forgotten and dropped also where their numbers begin anew', () => {
  const incidents = new EndedIncidents(2 ** 31 - 2048);
  const rows = Array.from({ length: SIZE }, (_, n) => incidents.push(ended(n), T0, undefined));
  expect(rows.slice(2047, 2050)).toEqual([2 ** 31 - 1, 0, 1]);
  expect([...incidents.rows()]).toEqual(rows);
  for (const [n, row] of rows.entries()) {
    expect(incidents.peek()).toBe(row);
    expect(incidents.read(row)).toEqual(ended(n));
    incidents.remove(row);
  }
  expect(incidents.peek()).toBeUndefined();
  expect(incidents.size).toBe(0);
  expect(incidents.has(rows[2_100] ?? -1)).toBe(false);
});

test('snapshots are cut where they would have been without restarts', () => {
  const restartedAt = new Set([1, 900, 1024, 1500, 2_048, 2_200]);
  const whole = new EndedIncidents();
  let restarted = new EndedIncidents();
  const textOf = (incidents: EndedIncidents): string => JSON.stringify([...incidents.packed()]);
  for (let n = 0; n < SIZE; n += 1) {
    const removed = n === 0 || n % 3 === 1 || n > 2_100 ? [n] : n % 5 === 0 ? [(7 * n) % 11] : [];
    for (const incidents of [whole, restarted]) {
      incidents.push(ended(n), T0 + n, undefined);
      const rows = removed.length > 0 ? [...incidents.rows()] : [];
      // The newest, or one of the oldest.
      for (const one of removed) incidents.remove((one === n ? rows.at(-1) : rows[one]) ?? -1);
    }
    if (!restartedAt.has(n)) continue;
    const pieces = [...restarted.packed()];
    restarted = new EndedIncidents();
    for (const piece of pieces) {
      for (const { incident, forgetMs } of unpack(piece)) {
        restarted.push(incident, forgetMs, undefined);
      }
      restarted.skip(piece.removed);
    }
    expect(textOf(restarted)).toBe(textOf(whole));
  }
  expect(whole.size).toBeGreaterThan(1_024);
  expect(textOf(restarted)).toBe(textOf(whole));
});
