/** All parameters that one strategy's results call for. */
import { mergeBins, type Bins } from '../core/bins.js';
import type { History, TimeRange } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { attemptTimeout } from './attempt-timeout.js';
import { breakerOpenTime } from './breaker-open-time.js';
import { ages, openIncidents } from './open-incidents.js';
import { insufficient, type Parameter, type ParameterName } from './parameter.js';
import { restartCooldown } from './restart-cooldown.js';
import { retryLimit } from './retry-limit.js';
import { addExpired } from './survival.js';
import { unfollowedRelapses, unfollowedRetries } from './unfollowed.js';

const SINCE_BEGINNING = 'all';

export interface Tuning {
  readonly strategy: string;
  readonly parameters: Readonly<Record<ParameterName, Parameter>>;
}

export interface TuningQuestion {
  readonly strategy: string;
  /** What the history covers. */
  readonly window: string;
  /** The same as times; undefined: everything. */
  readonly range?: TimeRange | undefined;
  readonly nowMs: number;
}

/**
 * Each parameter by its own rule; those that the data do not tell are insufficient.
 *
 * `history`: of all strategies, over the window that `window` names. What goes by attempt number and by relapses
 * is known since the beginning only, whatever the window; its evidence says so.
 * Errors: none.
 */
export function tuning(
  state: LiveState,
  history: History,
  { strategy, window, range, nowMs }: TuningQuestion,
): Tuning {
  const { succeeded, recovered, expired, types } = durationsOf(history, strategy);
  const open = openIncidents(state.incidents.open, range, {});
  const censored = ages(
    open.filter(({ failureType }) => types.has(failureType)),
    nowMs,
  );
  addExpired(censored, expired);
  const { experience, retries } = state;
  const relapses = experience.relapses(strategy);
  // Of what was tried and is not there, it is said why; of what never ran, that nothing stands.
  const ran = types.size > 0;
  const noRetries = ran ? unfollowedRetries(state, strategy) : undefined;
  const noRelapses = ran && relapses === undefined ? unfollowedRelapses(state) : undefined;
  const evidence = { window: SINCE_BEGINNING };
  return {
    strategy,
    parameters: {
      retry_limit:
        noRetries === undefined
          ? retryLimit(retries.of(strategy), SINCE_BEGINNING)
          : insufficient(noRetries, evidence),
      attempt_timeout_ms: attemptTimeout(succeeded, window),
      breaker_open_ms: breakerOpenTime({ recovered, censored }, window),
      restart_cooldown_ms:
        noRelapses === undefined
          ? restartCooldown(relapses, {
              window: SINCE_BEGINNING,
              waitedMs: experience.waitedMs(nowMs).get(strategy),
            })
          : insufficient(noRelapses, evidence),
    },
  };
}

interface OfStrategy {
  readonly succeeded: Bins;
  readonly recovered: Bins;
  readonly expired: number;
  readonly types: ReadonlySet<string>;
}

/** Successful attempts of the strategy, and how incidents of the failure types ended that it was tried on. */
function durationsOf({ cells }: History, name: string): OfStrategy {
  const succeeded: Bins = new Map();
  const recovered: Bins = new Map();
  let expired = 0;
  const types = new Set<string>();
  for (const { strategy, failureType, cell } of cells) {
    if (strategy !== name) continue;
    types.add(failureType);
    mergeBins(succeeded, cell.succeededBins);
  }
  for (const { failureType, cell } of cells) {
    if (!types.has(failureType)) continue;
    mergeBins(recovered, cell.recoveredBins);
    expired += cell.expired;
  }
  return { succeeded, recovered, expired, types };
}
