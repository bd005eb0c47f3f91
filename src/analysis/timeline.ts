/** The latest attempts, one by one. */
import { decodeWhole } from '../core/decode/decode.js';
import type { Outcome, Trigger } from '../core/event.js';
import type { SkipReasonLabel } from '../core/facts.js';
import type { TimelineRow } from '../core/ports.js';

export interface TimelineEntry {
  readonly timeMs: number;
  readonly source: string;
  readonly failureId: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly strategy: string;
  readonly outcome: Outcome;
  /** Only of skipped attempts. */
  readonly reason: SkipReasonLabel | undefined;
  readonly trigger: Trigger;
  readonly durationMs: number;
  readonly actions: readonly string[];
  /** The trace that the attempt belongs to, as W3C Trace Context writes it. */
  readonly traceparent: string | undefined;
}

/**
 * Attempts as their events told them, in the order of the rows: newest first.
 *
 * Units: Unix milliseconds, milliseconds.
 * Left out: rows of the log that are no completions; there should be none.
 * No data: an empty list.
 * Errors: ExporterError STORE_CORRUPT when a row is no event.
 */
export function timeline(rows: readonly TimelineRow[]): TimelineEntry[] {
  return rows.flatMap((row) => {
    const bytes = Buffer.from(row.event);
    const event = decodeWhole(bytes, 0, bytes.length, row.receivedMs);
    if (event.type !== 'selfhealer.healing.completed') return [];
    return [
      {
        timeMs: event.timeMs,
        source: event.source,
        failureId: event.failureId,
        failureType: row.failureType,
        agentId: row.agentId,
        strategy: event.strategy,
        outcome: event.outcome,
        reason: event.outcome === 'skipped' ? (event.reason ?? 'unspecified') : undefined,
        trigger: event.trigger,
        durationMs: event.durationMs,
        actions: event.actions,
        traceparent: event.traceparent,
      },
    ];
  });
}
