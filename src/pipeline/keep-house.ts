/**
 * What has to be done from time to time: end what nobody ended, write snapshots, delete what is too
 * old.
 */
import { toCloudEvent } from '../core/decode/encode.js';
import { isExporterError } from '../core/errors.js';
import type { Clock, Log, RetentionLimits } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { deliver } from './deliver.js';
import type { Ingest } from './ingest.js';

export interface HousekeepingParts {
  readonly ingest: Ingest;
  readonly state: LiveState;
  readonly clock: Clock;
  readonly report: Log;
  /** Undefined: nothing is ended, because what ended it may still come. */
  readonly incidentTimeoutMs: number | undefined;
  readonly limits: RetentionLimits;
}

/**
 * So many events may stand after the newest snapshot, and one more for each incident that the next one has to
 * write down: then writing them costs little against folding the events.
 */
const SNAPSHOT_TAIL = 100_000;
const SNAPSHOT_AGE_MS = 5 * 60_000;
const RETENTION_INTERVAL_MS = 5 * 60_000;
/** Of one delivery, so that a flood of them does not keep others from the log. */
const EXPIRED_MAX = 5000;

/** One round after the other: a round that is asked for while one is under way is left out. */
export class Housekeeping {
  #isBusy = false;
  #snapshotMs: number;
  #retainedMs: number | undefined;

  constructor(private readonly parts: HousekeepingParts) {
    this.#snapshotMs = parts.clock.monotonicMs();
  }

  /** Never rejects: what failed is reported, and tried again in the next round. */
  async round(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#expire(this.parts.clock.nowMs());
      await this.#snapshotWhenDue();
      await this.#retainWhenDue();
      if (this.parts.ingest.trouble === undefined) await this.parts.ingest.saveDerived();
    } catch (error) {
      if (!isExporterError(error, 'STORE_CLOSED')) {
        this.parts.report('warn', 'housekeeping failed; it is tried again', { error });
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * Ends what was due at that time, before anything is answered: no round may have come since it was taken in. Never
   * rejects: what failed is reported, and tried again in the next round.
   */
  async expire(nowMs: number): Promise<void> {
    try {
      await this.#expire(nowMs);
    } catch (error) {
      this.parts.report('warn', 'what was due could not be ended', { error });
    }
  }

  /** Endings are events of the log like any other, so a replay repeats them. */
  async #expire(nowMs: number): Promise<void> {
    const { ingest, state, report, incidentTimeoutMs } = this.parts;
    if (incidentTimeoutMs === undefined) return;
    const incidents = state.incidents.due(nowMs, incidentTimeoutMs);
    const predictions = state.predictions.due(nowMs);
    const lines = [
      ...incidents.map(({ source, failureId, seq, timeMs }) =>
        JSON.stringify(
          toCloudEvent(
            'failure.resolved',
            { failureId, resolution: 'expired' },
            { source, id: `expired:${failureId}:${seq}`, timeMs },
          ),
        ),
      ),
      ...predictions.map(({ source, predictionId, seq, timeMs }) =>
        JSON.stringify(
          toCloudEvent(
            'prediction.resolved',
            { predictionId, outcome: 'expired' },
            { source, id: `expired:${predictionId}:${seq}`, timeMs },
          ),
        ),
      ),
    ];
    for (let i = 0; i < lines.length; i += EXPIRED_MAX) {
      const body = Buffer.from(lines.slice(i, i + EXPIRED_MAX).join('\n'));
      const delivered = await deliver(ingest, { input: 'internal', body, shape: 'lines' });
      if (!delivered.ok) return; // the log says why; they are due again in the next round
      const { rejected } = delivered.settled;
      if (rejected[0] !== undefined) {
        report('error', 'expiry events were rejected', { first: rejected[0].message });
      }
    }
  }

  async #snapshotWhenDue(): Promise<void> {
    const { ingest, state, clock } = this.parts;
    const nowMs = clock.monotonicMs();
    const { tail } = ingest;
    const hasNews = tail > 0 || state.hasUnsavedAdvice;
    const isOld = hasNews && nowMs - this.#snapshotMs >= SNAPSHOT_AGE_MS;
    // A disk that was full is asked again, so that its recovery is noticed without a sender.
    const tailMax = SNAPSHOT_TAIL + state.incidents.open.size + state.incidents.remembered;
    if (tail < tailMax && !isOld && ingest.trouble !== 'store_full') return;
    await ingest.saveSnapshot();
    this.#snapshotMs = nowMs;
  }

  async #retainWhenDue(): Promise<void> {
    const { ingest, clock, limits, report } = this.parts;
    const nowMs = clock.monotonicMs();
    if (this.#retainedMs !== undefined && nowMs - this.#retainedMs < RETENTION_INTERVAL_MS) return;
    this.#retainedMs = nowMs;
    const { deletedEvents } = await ingest.retain(limits);
    if (deletedEvents > 0) report('info', 'old events were deleted', { events: deletedEvents });
  }
}
