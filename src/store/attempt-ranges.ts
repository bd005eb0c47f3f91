/** Where in time attempts that match a filter lie, as short as the rollups know, newest first. */
import type { Filters, TimelineQuery, TimeRange } from '../core/ports.js';
import { HOUR_MS, MINUTE_MS } from '../core/rollup.js';
import { readChunk } from './agent-minutes.js';
import type { ByteReader } from './bytes.js';
import { noneSkimmed, skimCounts, type Skimmed } from './cells.js';
import { conditionsOf, numbered, pendingCells, wantsKey, type NumberedFilters } from './filters.js';
import { detailOf, visitAgentMinutes, type HistoryParts } from './asked.js';
import { RESOLUTION, bucketMs, type Resolution } from './segments.js';

/** Ordered by their ends. They may overlap where cells are still on their way into the rollups. */
export function* attemptRanges(
  parts: HistoryParts,
  range: TimeRange,
  query: TimelineQuery,
): Generator<TimeRange> {
  const overlapping = ({ fromMs, toMs }: TimeRange): boolean =>
    fromMs < range.toMs && toMs > range.fromMs;
  const waiting = waitingMinutes(parts, query).map(minuteRange).filter(overlapping);
  let next = 0;
  for (const part of rolledRanges(parts, range, query.filters)) {
    if (!overlapping(part)) continue;
    for (; (waiting[next]?.toMs ?? -Infinity) >= part.toMs; next += 1) {
      yield* waiting.slice(next, next + 1);
    }
    yield part;
  }
  yield* waiting.slice(next);
}

/** Minutes of cells that no row tells of yet, latest first. */
function waitingMinutes(parts: HistoryParts, { filters, pending }: TimelineQuery): number[] {
  const minutes = new Set<number>();
  for (const { minute, cell } of pendingCells(
    pending,
    parts.meta.get('rolled_seq'),
    undefined,
    filters,
  )) {
    if (hasAttempts(cell)) minutes.add(minute);
  }
  const by = numbered(filters, parts);
  if (by?.agentNo !== undefined) {
    visitAgentMinutes(parts, { range: undefined, segments: [], by }, (_key, minute, reader) => {
      if (hasAttempts(skimmed(reader))) minutes.add(minute);
    });
  }
  return [...minutes].sort((a, b) => b - a);
}

function* rolledRanges(
  parts: HistoryParts,
  range: TimeRange,
  filters: Filters,
): Generator<TimeRange> {
  const by = numbered(filters, parts);
  if (by === undefined) return;
  const newestBucket = bucketSeeker(parts, by);
  const { minutesFromMs = -Infinity, hoursFromMs = -Infinity } = detailOf(parts.meta);
  const ladder = [
    { resolution: RESOLUTION.day, knownFromMs: -Infinity },
    { resolution: RESOLUTION.hour, knownFromMs: hoursFromMs },
    { resolution: RESOLUTION.minute, knownFromMs: minutesFromMs },
  ];
  function* within(fromMs: number, toMs: number, step: number): Generator<TimeRange> {
    const rung = ladder[step];
    if (rung === undefined || fromMs < rung.knownFromMs) {
      yield { fromMs, toMs };
      return;
    }
    if (rung.resolution === RESOLUTION.minute && by?.agentNo !== undefined) {
      yield* agentMinutesOf(parts, by, fromMs / HOUR_MS).map(minuteRange);
      return;
    }
    const lengthMs = bucketMs(rung.resolution);
    const from = Math.floor(Math.max(fromMs, range.fromMs) / lengthMs);
    let below = Math.ceil(Math.min(toMs, range.toMs) / lengthMs);
    for (;;) {
      const bucket = newestBucket(rung.resolution, from, below);
      if (bucket === undefined) return;
      yield* within(bucket * lengthMs, (bucket + 1) * lengthMs, step + 1);
      below = bucket;
    }
  }
  yield* within(range.fromMs, range.toMs, 0);
}

/** Finds the newest bucket in [from, below) with a matching attempt. */
type BucketSeeker = (resolution: Resolution, from: number, below: number) => number | undefined;

function bucketSeeker({ db }: HistoryParts, by: NumberedFilters): BucketSeeker {
  const { sql, values } = conditionsOf(by);
  const attempts = 'succeeded + failed + skipped > 0';
  if (by.agentNo === undefined) {
    const newest = db.prepare<number[], number>(
      'SELECT bucket FROM cells WHERE resolution = ? AND bucket >= ? AND bucket < ? ' +
        `AND ${attempts}${sql} ORDER BY bucket DESC LIMIT 1`,
    );
    newest.pluck();
    return (resolution, from, below) => newest.get(resolution, from, below, ...values);
  }
  const { agentNo } = by;
  const extent = db.prepare<[number], { least: number | null; most: number | null }>(
    'SELECT min(bucket) AS least, max(bucket) AS most FROM agent_cells WHERE resolution = ?',
  );
  // One search per bucket, newest first, because a bucket holds many agents.
  const newest = db.prepare<number[], number>(
    'WITH RECURSIVE buckets (n) AS (SELECT ? UNION ALL SELECT n - 1 FROM buckets WHERE n > ?) ' +
      'SELECT n FROM buckets WHERE EXISTS (SELECT 1 FROM agent_cells WHERE resolution = ? ' +
      `AND bucket = n AND agent_no = ? AND ${attempts}${sql}) LIMIT 1`,
  );
  newest.pluck();
  return (resolution, from, below) => {
    const { least, most } = extent.get(resolution) ?? {};
    if (least === undefined || least === null || most === undefined || most === null)
      return undefined;
    const [first, last] = [Math.max(from, least), Math.min(below - 1, most)];
    return last < first ? undefined : newest.get(last, first, resolution, agentNo, ...values);
  };
}

/** Minutes of an hour with attempts of one agent, latest first. */
function agentMinutesOf(
  { agentMinutes }: HistoryParts,
  by: NumberedFilters,
  hour: number,
): number[] {
  const minutes = new Set<number>();
  for (const chunk of agentMinutes.ofHours(hour, hour + 1)) {
    readChunk(chunk, (key, minute, reader) => {
      if (wantsKey(by, key) && hasAttempts(skimmed(reader))) minutes.add(minute);
    });
  }
  return [...minutes].sort((a, b) => b - a);
}

function skimmed(reader: ByteReader): Skimmed {
  const counts = noneSkimmed();
  skimCounts(counts, reader);
  return counts;
}

function hasAttempts({ succeeded, failed, skipped }: Skimmed): boolean {
  return succeeded + failed + skipped > 0;
}

function minuteRange(minute: number): TimeRange {
  return { fromMs: minute * MINUTE_MS, toMs: (minute + 1) * MINUTE_MS };
}
