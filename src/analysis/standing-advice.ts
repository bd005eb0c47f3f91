/** The advice that stands now, noted in the history; and that history as it goes out. */
import { formatTime } from '../core/decode/time.js';
import type { AdvicePeriod } from '../core/state/advice-history.js';
import type { LiveState } from '../core/state/live-state.js';
import { DAY_WINDOW } from '../core/state/windows.js';
import type { Recommendation } from './recommendation.js';
import { recommendations } from './recommendations.js';
import { situationNow } from './situation.js';

export const ADVICE_STATES = ['standing', 'gone'] as const;
export type AdviceState = (typeof ADVICE_STATES)[number];

export interface AdvicePeriodJson {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly strategy?: string;
  readonly failure_type?: string;
  /** As it was given last. */
  readonly message: string;
  readonly action: string;
  readonly state: AdviceState;
  /** RFC 3339; when an analysis saw it first. */
  readonly since: string;
  /** Null while it stands. */
  readonly until: string | null;
  /** How often it went and was back within ten minutes. */
  readonly returns: number;
  /** Of severity or action, oldest first; the last ten. */
  readonly changes: readonly {
    readonly at: string;
    readonly severity: string;
    readonly action: string;
  }[];
}

export interface AdviceHistoryJson {
  readonly generated_at: string;
  /** What the advice rests on. */
  readonly window: string;
  /** Also those beyond the ones listed. */
  readonly total: number;
  /** Stand as well, and are not kept: there is too much that is as urgent or more. */
  readonly left_out: number;
  readonly history: readonly AdvicePeriodJson[];
}

/** What stands over the last day; its coming, changing and going is noted. */
export function adviceNow(state: LiveState, nowMs: number): readonly Recommendation[] {
  const standing = recommendations(situationNow(state, nowMs), { state, nowMs });
  state.adviceHistory.note(standing, nowMs);
  return standing;
}

/** What stands comes first, then what went last. */
export function adviceHistory(
  state: LiveState,
  nowMs: number,
  { only, limit }: { readonly only: AdviceState | undefined; readonly limit: number },
): AdviceHistoryJson {
  adviceNow(state, nowMs);
  const { standing, ended, leftOut } = state.adviceHistory;
  const periods = [...(only === 'gone' ? [] : standing), ...(only === 'standing' ? [] : ended)];
  return {
    generated_at: formatTime(nowMs),
    window: DAY_WINDOW.name,
    total: periods.length,
    left_out: only === 'gone' ? 0 : leftOut,
    history: periods.slice(0, limit).map(periodJson),
  };
}

function periodJson(period: AdvicePeriod): AdvicePeriodJson {
  const { id, kind, severity, strategy, failureType, message, action } = period;
  const { sinceMs, untilMs, returns, changes } = period;
  return {
    id,
    kind,
    severity,
    ...(strategy === undefined ? {} : { strategy }),
    ...(failureType === undefined ? {} : { failure_type: failureType }),
    message,
    action,
    state: untilMs === undefined ? 'standing' : 'gone',
    since: formatTime(sinceMs),
    until: untilMs === undefined ? null : formatTime(untilMs),
    returns,
    changes: changes.map((one) => ({
      at: formatTime(one.timeMs),
      severity: one.severity,
      action: one.action,
    })),
  };
}
