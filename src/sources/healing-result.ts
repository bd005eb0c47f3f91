/**
 * A bare HealingResult, as Python's `dataclasses.asdict(result)` gives it, becomes a CloudEvent.
 * For files of results that were written without the envelope: `import` and the file tail.
 */
import { createHash } from 'node:crypto';
import { describeValue } from '../core/decode/describe.js';
import { formatTime, parseTime } from '../core/decode/time.js';
import type { SkipReason } from '../core/event.js';
import type { ProblemCode } from '../core/problem.js';

export interface CloudEventJson {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: 'selfhealer.healing.completed';
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type HealingResultEvent =
  | { readonly ok: true; readonly event: CloudEventJson }
  | { readonly ok: false; readonly code: ProblemCode; readonly message: string };

/** Whether it has the marks of a HealingResult and not those of a CloudEvent. */
export function isBareHealingResult(value: unknown): boolean {
  return (
    isRecord(value) &&
    value.specversion === undefined &&
    (value.failure_id !== undefined || value.strategy_used !== undefined)
  );
}

/**
 * The id is a hash of failure_id, strategy and time, so that the same result read twice is counted
 * once, also when one file says `2026-11-23 18:00:00` and the other `2026-11-23T18:00:00+00:00`.
 * What the id needs is checked here; everything else by `decode`, as with any event. Results that
 * the original marks as not tried say so in the event.
 */
export function healingResultToCloudEvent(value: unknown, source: string): HealingResultEvent {
  if (!isRecord(value)) {
    return fault(
      'invalid_json',
      `healing result: expected one JSON object, got ${describeValue(value)}`,
    );
  }
  for (const name of ['failure_id', 'strategy_used', 'timestamp'] as const) {
    const field = value[name] ?? undefined;
    if (field === undefined)
      return fault('missing_field', `${name}: expected a string, got nothing`);
    if (typeof field !== 'string') {
      return fault('invalid_field', `${name}: expected a string, got ${describeValue(field)}`);
    }
  }
  const { failure_id: failureId, strategy_used: strategy, timestamp } = value;
  const timeMs = typeof timestamp === 'string' ? parseTime(timestamp) : undefined;
  if (timeMs === undefined) {
    const got = describeValue(timestamp);
    return fault('invalid_time', `timestamp: expected a time in RFC 3339, got ${got}`);
  }
  const reason = skipReason(value);
  const event = {
    specversion: '1.0',
    id: `result-${hash([failureId, strategy, timeMs])}`,
    source,
    type: 'selfhealer.healing.completed',
    time: formatTime(timeMs),
    data: reason === undefined ? value : { ...value, outcome: 'skipped', reason },
  } as const;
  return { ok: true, event };
}

/**
 * Why the original did not try, read from what it leaves in the result: no strategy is named
 * "None", a strategy that declined says so in its error, automatic healing that is off leaves a
 * suggestion, an open breaker fails fast. Undefined: it was tried.
 */
function skipReason(result: Readonly<Record<string, unknown>>): SkipReason | undefined {
  if (result.success !== false || (result.outcome ?? undefined) !== undefined) return undefined;
  if (result.strategy_used === 'None') return 'no_strategy';
  const metadata = isRecord(result.metadata) ? result.metadata : {};
  if (metadata.error === 'Strategy not applicable') return 'declined';
  if (metadata.fail_fast === true) return 'circuit_open';
  const { suggestion } = metadata;
  if (suggestion === true || typeof suggestion === 'string') return 'auto_heal_disabled';
  return undefined;
}

/** 128 bits in hexadecimal. As JSON, no two lists read the same. */
function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function fault(code: ProblemCode, message: string): HealingResultEvent {
  return { ok: false, code, message };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
