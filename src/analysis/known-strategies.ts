/** Strategies that are known for failure types on which nothing came to a result: by these the advice says what is missing. */
import type { LiveState } from '../core/state/live-state.js';

export interface KnownStrategies {
  /** Of which an attempt on an open incident of the type was started and has not ended. */
  readonly running: readonly string[];
  readonly registered: readonly string[];
  /** On the type, ever: with a result, or started without one so far. */
  readonly tried: readonly string[];
}

/** As of now, whatever the window; for each of these types. */
export function knownStrategies(
  state: LiveState,
  failureTypes: ReadonlySet<string>,
): ReadonlyMap<string, KnownStrategies> {
  if (failureTypes.size === 0) return new Map();
  const { registry } = state;
  const registered = registry.registeredFor(failureTypes);
  const running = runningOn(state, failureTypes);
  const tried = triedOn(state, failureTypes);
  return new Map(
    [...failureTypes].map((failureType) => [
      failureType,
      {
        running: [...(running.get(failureType) ?? [])],
        registered: registered.get(failureType) ?? [],
        tried: [...(tried.get(failureType) ?? [])],
      },
    ]),
  );
}

/** Attempts end with their incident at the latest, so the open ones tell of all that run. */
function runningOn(
  { incidents }: LiveState,
  failureTypes: ReadonlySet<string>,
): Map<string, Set<string>> {
  const running = new Map<string, Set<string>>();
  for (const { source, failureId, failureType } of incidents.open) {
    if (!failureTypes.has(failureType)) continue;
    const strategies = incidents.strategiesRunningOn(source, failureId);
    if (strategies.length === 0) continue;
    const known = running.get(failureType) ?? new Set<string>();
    for (const strategy of strategies) known.add(strategy);
    running.set(failureType, known);
  }
  return running;
}

/** Also those that another range has the attempts of: who was tried once need not be registered anew. */
function triedOn(
  { registry, pairTrends, experience }: LiveState,
  failureTypes: ReadonlySet<string>,
): Map<string, Set<string>> {
  const tried = new Map<string, Set<string>>();
  for (const failureType of failureTypes) {
    const strategies = new Set(registry.started.get(failureType));
    for (const { strategy } of experience.ofFailureType(failureType)) strategies.add(strategy);
    tried.set(failureType, strategies);
  }
  // Each keeps pairs that the other has no room for, or leaves out.
  for (const { strategy, failureType } of pairTrends.regimes()) {
    tried.get(failureType)?.add(strategy);
  }
  return tried;
}
