/**
 * Reports and their parts, computed when they are asked for, from the state and the log together.
 */
import {
  armsOfHistory,
  armsOfState,
  bestStrategy,
  type BestStrategy,
} from '../analysis/best-strategy.js';
import { openIncidentsPart, type IncidentsJson } from '../analysis/parts.js';
import { buildReport, REPORT_TIMELINE_LENGTH } from '../analysis/report.js';
import type { Report } from '../analysis/report-json.js';
import { splitRange, type SeriesPart } from '../analysis/series.js';
import { ExporterError } from '../core/errors.js';
import type { Clock, History, TimeRange } from '../core/ports.js';
import type { Live } from './engine.js';
import type { Question } from './question.js';

export interface ReportExtent {
  /** Attempts in the timeline. */
  readonly timelineLength?: number;
  /** Whether the recovery times are also told step by step. */
  readonly overTime?: boolean;
}

/** What is known of the failure that a strategy is asked for. */
export interface HealingContext {
  readonly agentId?: string | undefined;
}

export interface BestAnswer extends BestStrategy {
  /**
   * What the candidates were compared on: this agent's failures of the type, or all of the type.
   */
  readonly basedOn: 'agent' | 'failure_type';
}

/**
 * Includes every event that was acknowledged before. Rejects with ExporterError STORE_FAILED,
 * STORE_CLOSED.
 */
export async function reportFor(
  live: Live,
  clock: Clock,
  { range, filters }: Question,
  { timelineLength = REPORT_TIMELINE_LENGTH, overTime = false }: ReportExtent = {},
): Promise<Report> {
  const { log, state, ingest } = live;
  const pending = ingest.pending();
  const query = { range: range.range, filters, pending };
  const [history, timeline] = await Promise.all([
    log.history(query),
    log.timeline({ ...query, limit: timelineLength }),
  ]);
  const nowMs = clock.nowMs();
  const steps = overTime ? splitRange(range.range ?? extentOf(history, nowMs)) : undefined;
  const input = { state, history, timeline, range, filters, nowMs };
  if (steps === undefined) return buildReport(input);
  const series = await Promise.all(
    steps.map(async (step): Promise<SeriesPart> => {
      return { range: step, history: await log.history({ range: step, filters, pending }) };
    }),
  );
  return buildReport({ ...input, series });
}

export function openIncidentsFor(
  { state }: Live,
  clock: Clock,
  { range, filters }: Question,
  limit: number,
): IncidentsJson {
  return openIncidentsPart({ state, range, filters, limit, nowMs: clock.nowMs() });
}

/**
 * From what this agent's failures of the type tell, and where that is too little, from all of the
 * type.
 */
export async function bestStrategyFor(
  { log, state, ingest }: Live,
  failureType: string,
  { agentId }: HealingContext,
): Promise<BestAnswer> {
  if (agentId !== undefined) {
    const filters = { agentId };
    const history = await log.history({ range: undefined, filters, pending: ingest.pending() });
    const ofAgent = bestStrategy(armsOfHistory(history), failureType);
    if (ofAgent.verdict === 'best') return { ...ofAgent, basedOn: 'agent' };
  }
  return { ...bestStrategy(armsOfState(state), failureType), basedOn: 'failure_type' };
}

/** Throws ExporterError INVALID_REQUEST. */
export function invalidRequest(message: string): never {
  throw new ExporterError('INVALID_REQUEST', message);
}

/** From the first attempt on; a minute where there is none. */
function extentOf({ cells }: History, nowMs: number): TimeRange {
  let fromMs = nowMs - 60_000;
  for (const { cell } of cells) fromMs = Math.min(fromMs, cell.firstAttemptMs ?? fromMs);
  return { fromMs, toMs: nowMs };
}
