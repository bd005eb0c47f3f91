/** Advice on failure types that no attempt has ended on: no strategy, one that is not chosen, one that hangs. */
import type { Recommendation } from './recommendation.js';
import type { FailureSituation, Situation } from './situation.js';

/** Failures of a type that nothing was tried on, before that is worth saying. */
const FAILURES_MIN = 3;
/** Strategies that a message names. */
const NAMES_MAX = 5;

/** One for each type. What is started and registered is as of now, whatever the window. */
export function untried({ failureTypes, window }: Situation): Recommendation[] {
  return failureTypes
    .filter(({ failures, attempts }) => failures >= FAILURES_MIN && attempts === 0)
    .map((type): Recommendation => {
      const { failureType, failures, skipped, started = [], registered = [] } = type;
      return {
        kind: 'proposal',
        severity: 'warning',
        failureType,
        ...wordsFor(type),
        evidence: {
          failures,
          skipped,
          strategies_started: started.length,
          strategies_registered: registered.length,
          window,
        },
      };
    });
}

function wordsFor({
  failureType,
  failures,
  started = [],
  registered = [],
}: FailureSituation): Pick<Recommendation, 'id' | 'message' | 'action'> {
  if (started.length > 0) {
    return {
      id: `proposal:not_ended:${failureType}`,
      message: `Attempts on '${failureType}' failures were started (${namesOf(started)}), but none has ended (${failures} occurrences). See whether they hang.`,
      action: `See why attempts of ${namesOf(started)} on '${failureType}' do not end, or whether their ends are not reported.`,
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
