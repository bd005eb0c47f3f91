/** The parameters that a strategy's results call for, as they go out. */
import { rangeJson } from '../analysis/to-json.js';
import { tuning, type Tuning } from '../analysis/tuning.js';
import { windowName } from '../analysis/range.js';
import type { RangeJson } from '../analysis/report-json.js';
import { identifierFault, isIdentifier } from '../core/decode/identifier.js';
import { formatTime } from '../core/decode/time.js';
import type { Clock } from '../core/ports.js';
import { invalidRequest } from './answers.js';
import type { Live } from './engine.js';
import { readQuestion, type Question } from './question.js';

export interface TuningJson extends Tuning {
  /** RFC 3339. */
  readonly generated_at: string;
  readonly range: RangeJson;
}

/** What tuning is to rest on. Without `range`, `from` and `to`: everything. */
export interface TuningOptions {
  readonly range?: string;
  readonly from?: string;
  readonly to?: string;
}

/** `parameters` of a query string. Rejects with ExporterError INVALID_REQUEST, and as `tuningFor`. */
export async function answerTuning(
  live: Live,
  clock: Clock,
  strategy: string,
  parameters: readonly (readonly [string, string])[],
): Promise<TuningJson> {
  if (!isIdentifier(strategy)) invalidRequest(`strategy: ${identifierFault(strategy)}`);
  const asked = readQuestion(parameters, [], clock.nowMs());
  if (!asked.ok) return invalidRequest(asked.message);
  return tuningFor(live, clock, asked.question, strategy);
}

/** Rejects with ExporterError STORE_FAILED, STORE_CLOSED. */
export async function tuningFor(
  { log, state, ingest }: Live,
  clock: Clock,
  { range: asked }: Pick<Question, 'range'>,
  strategy: string,
): Promise<TuningJson> {
  const query = { range: asked.range, filters: {}, pending: ingest.pending() };
  const history = await log.history(query);
  const used = { ...asked, range: history.range ?? asked.range };
  const nowMs = clock.nowMs();
  return {
    generated_at: formatTime(nowMs),
    range: rangeJson(used.requested, used.range),
    ...tuning(state, history, {
      strategy,
      window: windowName(used),
      range: used.range,
      nowMs,
    }),
  };
}
