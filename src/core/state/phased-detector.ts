/**
 * Finds changes of one strategy's success rate, also where the rate goes with the hour of the day: once such a pattern
 * is confirmed, the half of the day with more failures and the other half have a detector each. One detector for both
 * would take every night for a change.
 *
 * Both begin empty when the pattern is confirmed. Until each has seen 100 attempts the single detector goes on; then it
 * is put away, and a change is what one of the two finds. A change that stands meanwhile goes on standing. When the
 * pattern is gone, a new single detector begins, empty.
 */
import {
  ChangeDetector,
  type Change,
  type Evidence,
  type FrozenDetector,
  type Regime,
} from './change-detector.js';
import {
  hourOf,
  SeasonRows,
  type FrozenSeasonWatch,
  type SeasonTurn,
  type SeasonWatch,
} from './season-watch.js';

const HOURS = 24;
const HALF_A_DAY = 12;
/** Attempts in each half from which on the two take over. */
const PHASE_ATTEMPTS_MIN = 100;
/** There are two to raise a false alarm. */
const LOG_PHASES = Math.log(2);

export type PhaseName = 'worse' | 'better';

/** What is known of the halves of the day. */
export interface PhasesReading {
  /** The twelve hours with more failures begin there, in UTC. */
  readonly fromHour: number;
  /** False while their detectors have seen too little. */
  readonly inForce: boolean;
  /** When the pattern was confirmed. */
  readonly sinceMs: number;
  /** The half that the last change was found in; undefined when it was found in none. */
  readonly changed: PhaseName | undefined;
  /** Attempts since the last change within the half, or since `sinceMs`. */
  readonly worse: Regime;
  readonly better: Regime;
}

interface Phases {
  readonly fromHour: number;
  readonly sinceMs: number;
  inForce: boolean;
  changed: PhaseName | undefined;
  readonly worse: ChangeDetector;
  readonly better: ChangeDetector;
}

interface Present {
  attempts: number;
  successes: number;
  failurePairs: number;
  lastFailed: number;
}

export interface FrozenSeason {
  readonly watch: FrozenSeasonWatch;
  readonly phases?: {
    readonly fromHour: number;
    readonly sinceMs: number;
    readonly inForce: boolean;
    readonly changed: PhaseName | null;
    readonly worse: FrozenDetector;
    readonly better: FrozenDetector;
  };
  readonly present?: Present;
  readonly isRateGone?: boolean;
}

/** The single detector of all strategies that are judged by halves of the day: it is shown nothing. */
const PUT_AWAY = new ChangeDetector();

export class PhasedDetector {
  #single = new ChangeDetector();
  #phases: Phases | undefined;
  /** Attempts since the last change where the single detector does not count them: undefined where it does. */
  #present: Present | undefined;
  /** The last change was found in a half of the day that is no longer followed. */
  #isRateGone = false;
  readonly #season: SeasonWatch;

  /** `rows` are where those of one fold keep what they know of days. */
  constructor(rows = new SeasonRows()) {
    this.#season = rows.next();
  }

  /** Takes the next result. Tells a change that it has shown. */
  observe(succeeded: boolean, timeMs: number, threshold: number): Change | undefined {
    const turn = this.#season.observe(succeeded, timeMs);
    if (turn !== undefined) this.#turn(turn, timeMs);
    const phases = this.#phases;
    if (phases?.inForce === true) {
      return this.#observePhase(phases, {
        succeeded,
        timeMs,
        threshold: this.threshold(threshold),
      });
    }
    const found = this.#single.observe(succeeded, timeMs, threshold);
    if (found !== undefined) {
      this.#present = undefined;
      this.#isRateGone = false;
    } else if (this.#present !== undefined) {
      count(this.#present, succeeded);
    }
    if (phases !== undefined) this.#prepare(phases, succeeded, timeMs);
    return found;
  }

  /** What the evidence has to reach, where a single detector needs `threshold`. */
  threshold(threshold: number): number {
    return this.#phases?.inForce === true ? threshold + LOG_PHASES : threshold;
  }

  /** Of the two halves that with more of it. */
  evidence(): Evidence {
    if (this.#phases?.inForce !== true) return this.#single.evidence();
    const worse = this.#phases.worse.evidence();
    const better = this.#phases.better.evidence();
    return worse.nats >= better.nats ? worse : better;
  }

  /** Since the last change, or since the start. */
  get regime(): Regime {
    if (this.#present === undefined) return this.#single.regime;
    const { attempts, successes, failurePairs } = this.#present;
    return { attempts, successes, failurePairs };
  }

  get attempts(): number {
    return this.#present?.attempts ?? this.#single.attempts;
  }

  get successes(): number {
    return this.#present?.successes ?? this.#single.successes;
  }

  /** Success rate since the last change, of the half of the day that it was found in; undefined where that is gone. */
  get rateSinceChange(): number | undefined {
    const changed = this.#phases?.changed;
    if (this.#isRateGone) return undefined;
    const of = changed === undefined ? this : this.#phases?.[changed];
    return of === undefined ? undefined : of.successes / of.attempts;
  }

  get phases(): PhasesReading | undefined {
    if (this.#phases === undefined) return undefined;
    const { worse, better, ...rest } = this.#phases;
    return { ...rest, worse: worse.regime, better: better.regime };
  }

  freeze(): FrozenDetector {
    return this.#single.freeze();
  }

  freezeSeason(): FrozenSeason {
    const phases = this.#phases;
    return {
      watch: this.#season.freeze(),
      ...(phases === undefined
        ? {}
        : {
            phases: {
              ...phases,
              changed: phases.changed ?? null,
              worse: phases.worse.freeze(),
              better: phases.better.freeze(),
            },
          }),
      ...(this.#present === undefined ? {} : { present: { ...this.#present } }),
      ...(this.#isRateGone ? { isRateGone: true } : {}),
    };
  }

  /** Without `season`, as in snapshots of before it was watched, the watch begins now. */
  static thaw(
    single: FrozenDetector,
    season: FrozenSeason | undefined,
    rows?: SeasonRows,
  ): PhasedDetector {
    const detector = new PhasedDetector(rows);
    detector.#single = ChangeDetector.thaw(single);
    if (season === undefined) return detector;
    const { watch, phases, present, isRateGone } = season;
    detector.#season.restore(watch);
    detector.#present = present === undefined ? undefined : { ...present };
    detector.#isRateGone = isRateGone ?? false;
    if (phases === undefined) return detector;
    if (phases.inForce) detector.#single = PUT_AWAY;
    detector.#phases = {
      ...phases,
      changed: phases.changed ?? undefined,
      worse: ChangeDetector.thaw(phases.worse),
      better: ChangeDetector.thaw(phases.better),
    };
    return detector;
  }

  #observePhase(
    phases: Phases,
    { succeeded, timeMs, threshold }: { succeeded: boolean; timeMs: number; threshold: number },
  ): Change | undefined {
    const name = phaseAt(phases, timeMs);
    const detector = phases[name];
    const found = detector.observe(succeeded, timeMs, threshold);
    if (found !== undefined) {
      phases.changed = name;
      this.#isRateGone = false;
      this.#present = presentOf(detector.regime, succeeded);
    } else if (this.#present !== undefined) {
      count(this.#present, succeeded);
    }
    return found;
  }

  /** Shows the two detectors an attempt while the single one still counts. */
  #prepare(phases: Phases, succeeded: boolean, timeMs: number): void {
    phases[phaseAt(phases, timeMs)].observe(succeeded, timeMs, Number.POSITIVE_INFINITY, false);
    const least = Math.min(phases.worse.attempts, phases.better.attempts);
    if (least < PHASE_ATTEMPTS_MIN) return;
    phases.inForce = true;
    this.#present ??= presentOf(this.#single.regime, succeeded);
    this.#single = PUT_AWAY;
  }

  #turn(turn: SeasonTurn, timeMs: number): void {
    if (this.#phases?.changed !== undefined) this.#isRateGone = true;
    if (this.#phases?.inForce === true) this.#single = new ChangeDetector();
    this.#phases =
      turn.kind === 'gone'
        ? undefined
        : {
            fromHour: turn.fromHour,
            sinceMs: timeMs,
            inForce: false,
            changed: undefined,
            worse: new ChangeDetector(),
            better: new ChangeDetector(),
          };
  }
}

function phaseAt({ fromHour }: Phases, timeMs: number): PhaseName {
  return (hourOf(timeMs) - fromHour + HOURS) % HOURS < HALF_A_DAY ? 'worse' : 'better';
}

function presentOf(regime: Regime, succeeded: boolean): Present {
  const { attempts, successes, failurePairs } = regime;
  return { attempts, successes, failurePairs, lastFailed: succeeded ? 0 : 1 };
}

function count(present: Present, succeeded: boolean): void {
  present.attempts += 1;
  if (succeeded) {
    present.successes += 1;
    present.lastFailed = 0;
  } else {
    present.failurePairs += present.lastFailed;
    present.lastFailed = 1;
  }
}
