/**
 * What was recommended from when until when. It is noted by the analyses as they run, so it is no fold of the log; it
 * travels in the snapshots of the state.
 */

/** What of a recommendation is kept. */
export interface Advice {
  /** The same for the same advice about the same thing. */
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly strategy?: string;
  readonly failureType?: string;
  readonly message: string;
  readonly action: string;
}

export interface AdviceChange {
  readonly timeMs: number;
  readonly severity: string;
  readonly action: string;
}

/** From when it was given until it was not, or still is. */
export interface AdvicePeriod extends Advice {
  /** Unix milliseconds, of the analysis that saw it first. */
  readonly sinceMs: number;
  /** Undefined while it stands. */
  readonly untilMs: number | undefined;
  /** How often it went and was back soon. */
  readonly returns: number;
  /** Of severity or action, oldest first; the last ten. */
  readonly changes: readonly AdviceChange[];
}

const STANDING_MAX = 1_000;
const ENDED_MAX = 1_000;
const CHANGES_MAX = 10;
/** The least urgent first. */
const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'];
/** Advice that is back so soon was never really gone: what lies on a threshold does not fill the history. */
const SOON_MS = 10 * 60_000;

export interface AdviceHistorySnapshot {
  readonly standing: readonly AdvicePeriod[];
  readonly ended: readonly AdvicePeriod[];
}

export class AdviceHistory {
  #standing = new Map<string, AdvicePeriod>();
  /** Oldest end first. */
  #ended: AdvicePeriod[] = [];
  #hasNews = false;
  #leftOut = 0;

  /** Whether anything came, changed or went since `saved` was called. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  saved(): void {
    this.#hasNews = false;
  }

  /** Of what stood when it was noted last, how much was not kept. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** In the order in which they came. */
  get standing(): readonly AdvicePeriod[] {
    return [...this.#standing.values()];
  }

  /** The newest end first. */
  get ended(): readonly AdvicePeriod[] {
    return this.#ended.toReversed();
  }

  /** All advice that stands now. Where there is too much of it, what is less urgent gives way, the oldest first. */
  note(advice: readonly Advice[], nowMs: number): void {
    const now = new Set(advice.map(({ id }) => id));
    for (const period of this.#standing.values()) {
      if (!now.has(period.id)) this.#end(period, nowMs);
    }
    const fresh: Advice[] = [];
    for (const one of advice) {
      const known = this.#standing.get(one.id);
      if (known === undefined) fresh.push(one);
      else this.#standing.set(one.id, this.#again(known, one, nowMs));
    }
    const isTooMuch = this.#standing.size + fresh.length > STANDING_MAX;
    // The most urgent first: once one finds no room, none of the rest does.
    if (isTooMuch) fresh.sort((a, b) => urgencyOf(b) - urgencyOf(a));
    for (const one of fresh) {
      if (this.#standing.size >= STANDING_MAX && !this.#makeRoomFor(one)) break;
      this.#begin(one, nowMs);
    }
    this.#leftOut = now.size - this.#standing.size;
  }

  snapshot(): AdviceHistorySnapshot {
    return { standing: this.standing, ended: this.#ended };
  }

  restore({ standing, ended }: AdviceHistorySnapshot): void {
    const whole = (one: AdvicePeriod): AdvicePeriod => ({ ...one, untilMs: one.untilMs });
    this.#standing = new Map(standing.map((one) => [one.id, whole(one)]));
    this.#ended = ended.map(whole);
  }

  #begin(advice: Advice, nowMs: number): void {
    this.#hasNews = true;
    const at = this.#endedSoonBefore(advice.id, nowMs);
    const last = this.#ended[at];
    if (last === undefined) {
      const period = { ...kept(advice), sinceMs: nowMs, untilMs: undefined };
      this.#standing.set(advice.id, { ...period, returns: 0, changes: [] });
      return;
    }
    this.#ended.splice(at, 1);
    const back = { ...last, untilMs: undefined, returns: last.returns + 1 };
    this.#standing.set(advice.id, this.#again(back, advice, nowMs));
  }

  /** What gives way still stands, so it has no end. */
  #makeRoomFor(advice: Advice): boolean {
    let least: AdvicePeriod | undefined;
    for (const period of this.#standing.values()) {
      if (least === undefined || urgencyOf(period) < urgencyOf(least)) least = period;
    }
    if (least === undefined || urgencyOf(least) >= urgencyOf(advice)) return false;
    return this.#standing.delete(least.id);
  }

  /** Where the period of that advice lies that ended not long ago; −1 without one. */
  #endedSoonBefore(id: string, nowMs: number): number {
    for (let at = this.#ended.length - 1; at >= 0; at -= 1) {
      const { id: other, untilMs = nowMs } = this.#ended[at] ?? {};
      if (nowMs - untilMs > SOON_MS) return -1;
      if (other === id) return at;
    }
    return -1;
  }

  #again(known: AdvicePeriod, advice: Advice, nowMs: number): AdvicePeriod {
    const isSame = known.severity === advice.severity && known.action === advice.action;
    if (isSame && known.message === advice.message) return known;
    const period = { ...known, ...kept(advice) };
    if (isSame) return period;
    this.#hasNews = true;
    const { severity, action } = advice;
    const changes = [...known.changes, { timeMs: nowMs, severity, action }].slice(-CHANGES_MAX);
    return { ...period, changes };
  }

  #end(period: AdvicePeriod, nowMs: number): void {
    this.#hasNews = true;
    this.#standing.delete(period.id);
    this.#ended.push({ ...period, untilMs: nowMs });
    if (this.#ended.length > ENDED_MAX) this.#ended.shift();
  }
}

function urgencyOf({ severity }: Advice): number {
  return SEVERITIES.indexOf(severity);
}

function kept({ id, kind, severity, strategy, failureType, message, action }: Advice): Advice {
  return {
    id,
    kind,
    severity,
    ...(strategy === undefined ? {} : { strategy }),
    ...(failureType === undefined ? {} : { failureType }),
    message,
    action,
  };
}
