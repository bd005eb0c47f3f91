/**
 * The newest observation of each bucket of a histogram, with the failure and the trace that it belongs to: the way
 * from a point of a graph to what happened. Four stores an observation; nothing is made for it.
 */

/** Plain data, so that a snapshot is the value itself. One entry a bucket; a bucket without one has failure ''. */
export interface Exemplars {
  readonly values: number[];
  /** Effective times, Unix milliseconds. */
  readonly timesMs: number[];
  readonly failureIds: string[];
  /** As W3C Trace Context writes them; '' for none. */
  readonly traceparents: string[];
}

/** What is observed of a failure: facts are. */
export interface OfFailure {
  readonly failureId: string;
  readonly timeMs: number;
}

export function newExemplars(buckets: number): Exemplars {
  return {
    values: new Array<number>(buckets).fill(0),
    timesMs: new Array<number>(buckets).fill(0),
    failureIds: new Array<string>(buckets).fill(''),
    traceparents: new Array<string>(buckets).fill(''),
  };
}

/** Takes the place of the bucket's last one, whatever their times: the log's order decides. */
export function noteExemplar(
  exemplars: Exemplars,
  bucket: number,
  value: number,
  of: OfFailure,
  traceparent: string | undefined,
): void {
  exemplars.values[bucket] = value;
  exemplars.timesMs[bucket] = of.timeMs;
  exemplars.failureIds[bucket] = of.failureId;
  exemplars.traceparents[bucket] = traceparent ?? '';
}

/** Of each bucket the newer one, by effective time. */
export function addNewerExemplars(to: Exemplars, from: Exemplars): void {
  for (const [bucket, failureId] of from.failureIds.entries()) {
    const timeMs = from.timesMs[bucket] ?? 0;
    const isNewer = to.failureIds[bucket] === '' || timeMs > (to.timesMs[bucket] ?? 0);
    if (failureId === '' || !isNewer) continue;
    const value = from.values[bucket] ?? 0;
    const traceparent = from.traceparents[bucket];
    noteExemplar(to, bucket, value, { failureId, timeMs }, traceparent);
  }
}

export function copyExemplars(exemplars: Exemplars): Exemplars {
  const { values, timesMs, failureIds, traceparents } = exemplars;
  return {
    values: values.slice(),
    timesMs: timesMs.slice(),
    failureIds: failureIds.slice(),
    traceparents: traceparents.slice(),
  };
}
