import { expect, test } from 'vitest';
import { EndedIncidents } from '../../../src/core/state/ended-incidents.js';
import { newIncident } from '../../../src/core/state/incident-facts.js';
import type { Incident } from '../../../src/core/state/incident.js';
import { unpack } from '../../../src/core/state/packed-incident.js';

const T0 = 1_795_435_200_000;
const SIZE = 2_500;

function ended(n: number): Incident {
  const said = {
    source: `/swarms/${n % 3}`,
    failureId: `f"${n}`,
    timeMs: T0 + n,
    agentId: `a${n}`,
  };
  return {
    ...newIncident(said, n + 1),
    // Of some the time has a fraction, and of some nothing is known.
    activeMs: T0 + n + (n % 5 === 0 ? 0.25 : 0),
    strategy: n % 7 === 0 ? undefined : 'RestartStrategy',
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
  expect(incidents.sourceOf(1_500)).toBe('/swarms/0');
  expect(incidents.sourceOf(1_024)).toBeUndefined();

  const text = [...incidents.packed()].map((line) => JSON.stringify(line));
  const unpacked = text.flatMap((line) => [...unpack(JSON.parse(line))]);
  expect(unpacked).toEqual(expected.map((n) => ({ incident: ended(n), forgetMs: T0 + 2 * n })));
});
