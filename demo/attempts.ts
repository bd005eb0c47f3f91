/** Runs attempts: says that one began, lets the strategy act, says and counts what came of it. */
import type { SkipReason } from './events.js';
import type { Failure } from './failure.js';
import type { Act, Healing } from './strategies/strategy.js';
import type { Tally } from './tally.js';
import type { Voice } from './voice.js';

export interface Attempt {
  readonly failure: Failure;
  readonly strategy: string;
  readonly act: Act;
  readonly trigger: 'reactive' | 'preventive';
}

export class Attempts {
  readonly #voice: Voice;
  readonly #tally: Tally;

  constructor({ voice, tally }: { voice: Voice; tally: Tally }) {
    this.#voice = voice;
    this.#tally = tally;
  }

  /** Whether it healed; undefined when `signal` ended it before anybody could know. */
  async run(attempt: Attempt, signal: AbortSignal): Promise<boolean | undefined> {
    const { failure, strategy, act, trigger } = attempt;
    this.#voice.started(failure, strategy);
    const startMs = performance.now();
    const { isHealed, actions, metadata } = await act(signal).catch(failedBy);
    if (signal.aborted) return undefined;
    const outcome = isHealed ? 'succeeded' : 'failed';
    const durationMs = Math.round(performance.now() - startMs);
    this.#tally.attempt(strategy, outcome);
    this.#voice.completed(failure, strategy, {
      outcome,
      durationMs,
      actions,
      trigger,
      ...(metadata === undefined ? {} : { metadata }),
    });
    return isHealed;
  }

  skip(failure: Failure, strategy: string, reason: SkipReason): void {
    this.#tally.skip(strategy, reason);
    this.#voice.completed(failure, strategy, {
      outcome: 'skipped',
      reason,
      durationMs: 0,
      actions: [],
      trigger: 'reactive',
    });
  }
}

/** A strategy that throws has not healed, and the healer lives on. */
function failedBy(error: unknown): Healing {
  const why = error instanceof Error ? error.message : String(error);
  return { isHealed: false, actions: [`Broke off: ${why}`] };
}
