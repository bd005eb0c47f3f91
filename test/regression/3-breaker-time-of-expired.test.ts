// The open time of a breaker rested on those that recovered alone once the others had expired: what was not known
// while they stood open was then told with confidence.
import { expect, test } from 'vitest';
import { tuning } from '../../src/analysis/tuning.js';
import type { HealingEvent } from '../../src/core/event.js';
import { at, completed, detected, envelope } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';

const COUNT = 300;
const STRATEGY = 'AgentRestartStrategy';

/** One a minute. So many of every five recover, later and later; of the others an attempt fails. */
function incidents(recovering: number): HealingEvent[] {
  return Array.from({ length: COUNT }, (_, n) => {
    const outcome = n % 5 < recovering ? ('succeeded' as const) : ('failed' as const);
    return [detected(60 * n, `f${n}`), completed(60 * n + 1 + n / 10, `f${n}`, { outcome })];
  })
    .flat()
    .sort((a, b) => a.timeMs - b.timeMs);
}

function expiredAfter(seconds: number, recovering: number): HealingEvent[] {
  return Array.from({ length: COUNT }, (_, n) => n)
    .filter((n) => n % 5 >= recovering)
    .map((n) => ({
      ...envelope(60 * n + seconds),
      type: 'selfhealer.failure.resolved' as const,
      failureId: `f${n}`,
      resolution: 'expired' as const,
    }));
}

function openTime(events: readonly HealingEvent[]) {
  const log = new MemoryLog();
  for (const event of events) log.fold(event);
  const asked = { strategy: STRATEGY, window: 'all', nowMs: at(100_000) };
  return tuning(log.state, log.history(), asked).parameters.breaker_open_ms;
}

test('of incidents most of which never recover it stays unknown when these expire', () => {
  const open = openTime(incidents(2));
  expect(open).toMatchObject({ value: null, verdict: 'insufficient' });
  expect(open.evidence).toMatchObject({ recoveries: 120, unrecovered: 180, p50_ms: null });
  expect(openTime([...incidents(2), ...expiredAfter(43_200, 2)])).toEqual(open);
});

test('where fewer never recover it is the same, whether they are open or have expired', () => {
  const open = openTime(incidents(4));
  expect(open).toMatchObject({ verdict: 'known', evidence: { unrecovered: 60 } });
  const expired = openTime([...incidents(4), ...expiredAfter(43_200, 4)]);
  expect(expired).toEqual(open);
  expect(expired.value).toBeGreaterThan(17_000); // half of those that recovered had after 16 seconds
});
