/** Of strategies whose success rate has changed: was it the strategy, or the failures it was given? */
import { mixFinding, type MixFinding } from '../analysis/mix-shift.js';
import type { Filters } from '../core/ports.js';
import { DAY_MS, MINUTE_MS } from '../core/rollup.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Live } from './engine.js';

/** Each takes two sums over a week from the store, which takes no events meanwhile. */
export const MIX_SHIFTS_MAX = 20;
/** How long before a change the mix of failures is looked at, at most. */
const MIX_BEFORE_MS = 7 * DAY_MS;

const LEFT_OUT: MixFinding = {
  missing: `only the ${MIX_SHIFTS_MAX} strategies that changed last are looked into; ask for this one alone`,
};

interface Changed {
  readonly strategy: string;
  readonly changedMs: number;
}

/** By strategy, of those that are asked for and whose change stands; it says also what was not looked into. */
export async function mixShiftsNow(
  live: Live,
  nowMs: number,
  { strategy: asked }: Filters,
): Promise<ReadonlyMap<string, MixFinding>> {
  const changed = changedNow(live.state, nowMs)
    .filter(({ strategy }) => asked === undefined || strategy === asked)
    .sort((a, b) => b.changedMs - a.changedMs);
  const findings = await Promise.all(
    changed.map(async (one, i) => {
      const finding = i < MIX_SHIFTS_MAX ? await findingOf(live, nowMs, one) : LEFT_OUT;
      return [one.strategy, finding] as const;
    }),
  );
  return new Map(findings);
}

function changedNow({ trends }: LiveState, nowMs: number): Changed[] {
  return [...trends.strategies()].flatMap((strategy) => {
    const reading = trends.read(strategy, nowMs);
    const stands = reading?.trend === 'improving' || reading?.trend === 'degrading';
    return stands && reading.changedMs !== undefined
      ? [{ strategy, changedMs: reading.changedMs }]
      : [];
  });
}

async function findingOf(
  { log, ingest }: Live,
  nowMs: number,
  { strategy, changedMs }: Changed,
): Promise<MixFinding> {
  const minute = Math.floor(changedMs / MINUTE_MS) * MINUTE_MS;
  const past = { fromMs: minute - MIX_BEFORE_MS, toMs: minute };
  const since = { fromMs: minute + MINUTE_MS, toMs: Math.max(nowMs, minute) + 2 * MINUTE_MS };
  const filters = { strategy };
  const pending = ingest.pending();
  const before = await log.history({ range: past, filters, pending });
  return mixFinding(before, await log.history({ range: since, filters, pending }));
}
