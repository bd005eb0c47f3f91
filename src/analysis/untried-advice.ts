/** Advice on failure types that no attempt has ended on: no strategy, one that is not chosen, one that hangs. */
import type { KnownStrategies } from './known-strategies.js';
import type { Recommendation } from './recommendation.js';
import type { FailureSituation, Situation } from './situation.js';

/** Failures of a type that nothing was tried on, before that is worth saying. */
const FAILURES_MIN = 3;
/** Strategies that a message names. */
const NAMES_MAX = 5;
const NONE_KNOWN: KnownStrategies = { running: [], registered: [], tried: [] };

/** One for each type. Which strategies run and are known is as of now, whatever the window. */
export function untried({ failureTypes, window }: Situation): Recommendation[] {
  return failureTypes
    .filter(({ failures, attempts }) => failures >= FAILURES_MIN && attempts === 0)
    .map((type): Recommendation => {
      const { failureType, failures, skipped, known = NONE_KNOWN } = type;
      return {
        kind: 'proposal',
        severity: 'warning',
        failureType,
        ...wordsFor(type, known),
        evidence: {
          failures,
          skipped,
          strategies_running: known.running.length,
          strategies_registered: known.registered.length,
          strategies_tried: known.tried.length,
          window,
        },
      };
    });
}

function wordsFor(
  { failureType, failures, skipped }: FailureSituation,
  { running, registered, tried }: KnownStrategies,
): Pick<Recommendation, 'id' | 'message' | 'action'> {
  if (running.length > 0) {
    return {
      id: `proposal:not_ended:${failureType}`,
      message: `Attempts on '${failureType}' failures were started (${namesOf(running)}) and have not ended (${failures} occurrences). See whether they hang.`,
      action: `See why attempts of ${namesOf(running)} on '${failureType}' do not end, or whether their ends are not reported.`,
    };
  }
  if (tried.length > 0) {
    const skips = skipped > 0 ? `, and what skips it` : '';
    return {
      id: `proposal:not_tried:${failureType}`,
      message: `${namesOf(tried)} has been tried on '${failureType}' failures, but no attempt on these came to a result (${failures} occurrences). See why.`,
      action: `See whether ${namesOf(tried)} is chosen for '${failureType}'${skips}.`,
    };
  }
  if (registered.length > 0) {
    return {
      id: `proposal:not_tried:${failureType}`,
      message: `${namesOf(registered)} is registered for '${failureType}' failures, but was not tried on them (${failures} occurrences). See why.`,
      action: `See why ${namesOf(registered)} is not chosen for '${failureType}'.`,
    };
  }
  return {
    id: `proposal:no_strategy:${failureType}`,
    message: `No strategy was tried on '${failureType}' failures (${failures} occurrences). Register a strategy for this type.`,
    action: `Register a strategy that handles '${failureType}'.`,
  };
}

function namesOf(strategies: readonly string[]): string {
  const named = strategies.slice(0, NAMES_MAX).map((strategy) => `'${strategy}'`);
  const more = strategies.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
