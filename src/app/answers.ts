/**
 * Reports and their parts, computed when they are asked for, from the state and the log together.
 */
import {
  armsInContext,
  armsOfHistory,
  armsOfState,
  bestStrategy,
  type BestStrategy,
  type ExperienceContext,
} from '../analysis/best-strategy.js';
import { coursePatterns, type CoursePatterns } from '../analysis/course-patterns.js';
import { openIncidentsPart, type IncidentsJson } from '../analysis/parts.js';
import { buildReport, REPORT_TIMELINE_LENGTH } from '../analysis/report.js';
import type { Report } from '../analysis/report-json.js';
import { splitRange, type SeriesPart } from '../analysis/series.js';
import { unfollowedExperience, unfollowedPairs } from '../analysis/unfollowed.js';
import { ExporterError } from '../core/errors.js';
import type { Clock, History, TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Live } from './engine.js';
import { mixShiftsNow } from './mix-shifts.js';
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
  readonly severity?: string | undefined;
  /** Which attempt on the incident it would be, from 1. */
  readonly attempt?: number | undefined;
}

export type BestBasis = 'agent' | 'severity_and_attempt' | 'severity' | 'attempt' | 'failure_type';

export interface BestAnswer extends BestStrategy {
  /** Why strategies may be missing among the candidates; null where all that were tried are known. */
  readonly candidatesMissing: string | null;
  /** What strategies did on the failures that they were given; it does not say why. */
  readonly evidence: 'association';
  /**
   * What the candidates were compared on: of the failures of the type those of this agent, of this
   * severity, at this attempt; or all of them.
   */
  readonly basedOn: BestBasis;
}

/**
 * Includes every event that was acknowledged before. Rejects with ExporterError STORE_FAILED,
 * STORE_CLOSED.
 */
export async function reportFor(
  live: Live,
  clock: Clock,
  question: Question,
  { timelineLength = REPORT_TIMELINE_LENGTH, overTime = false }: ReportExtent = {},
): Promise<Report> {
  const { log, state, ingest } = live;
  const { range, filters } = question;
  const pending = ingest.pending();
  const query = { range: range.range, filters, pending };
  const [history, timeline, patterns, mixShifts] = await Promise.all([
    log.history(query),
    log.timeline({ ...query, limit: timelineLength }),
    patternsFor(live, clock, question),
    mixShiftsNow(live, clock.nowMs(), filters),
  ]);
  const nowMs = clock.nowMs();
  const steps = overTime ? splitRange(range.range ?? extentOf(history, nowMs)) : undefined;
  const weeks = patterns === undefined ? {} : { patterns };
  const input = { state, history, timeline, range, filters, nowMs, mixShifts, ...weeks };
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

/** An agent's own results outweigh a strategy that all failures of the type name, from this probability on. */
const AGENT_AGAINST_TYPE_MIN = 0.95;

/**
 * From the failures of the type that are most alike: those of the same severity and attempt, then of either, then
 * those of this agent; and where these tell too little, from all of the type. The agent comes after the others because
 * its results mix all severities and attempts.
 */
export async function bestStrategyFor(
  live: Live,
  failureType: string,
  { agentId, severity, attempt }: HealingContext,
): Promise<BestAnswer> {
  const alike = bestStrategyAlike(live.state, failureType, { severity, attempt });
  if (agentId === undefined || alike.basedOn !== 'failure_type') return alike;
  const ofAgent = await bestStrategyOfAgent(live, failureType, agentId);
  return mayOutweigh(ofAgent, alike) ? ofAgent : alike;
}

async function bestStrategyOfAgent(
  { log, state, ingest }: Live,
  failureType: string,
  agentId: string,
): Promise<BestAnswer> {
  const filters = { agentId };
  const range = sinceChange(state, failureType);
  const history = await log.history({ range, filters, pending: ingest.pending() });
  const best = bestStrategy(armsOfHistory(history), failureType);
  return { ...best, candidatesMissing: null, basedOn: 'agent', evidence: 'association' };
}

/** Few attempts of one agent name the wrong strategy easily: against what all failures name they have to be surer. */
function mayOutweigh(ofAgent: BestAnswer, ofType: BestAnswer): boolean {
  if (ofAgent.verdict !== 'best') return false;
  if (ofType.verdict !== 'best' || ofType.strategy === ofAgent.strategy) return true;
  return (ofAgent.probability ?? 0) >= AGENT_AGAINST_TYPE_MIN;
}

/** From the hour after the newest change of any strategy on the type; undefined: everything. */
function sinceChange({ pairTrends }: LiveState, failureType: string): TimeRange | undefined {
  const changedMs = pairTrends.newestChangeMs(failureType);
  if (changedMs === undefined) return undefined;
  return { fromMs: Math.ceil(changedMs / HOUR_MS) * HOUR_MS, toMs: TIME_END_MS };
}

/** The same from the state alone, which does not tell agents apart. */
export function bestStrategyAlike(
  state: LiveState,
  failureType: string,
  { severity, attempt }: ExperienceContext,
): BestAnswer {
  const narrower: readonly (readonly [BestBasis, ExperienceContext])[] = [
    ['severity_and_attempt', { severity, attempt }],
    ['severity', { severity }],
    ['attempt', { attempt }],
  ];
  for (const [basedOn, context] of narrower) {
    if (Object.values(context).includes(undefined)) continue;
    const alike = bestStrategy(armsInContext(state, failureType, context), failureType);
    if (alike.verdict !== 'best') continue;
    const candidatesMissing = unfollowedExperience(state) ?? null;
    return { ...alike, candidatesMissing, basedOn, evidence: 'association' };
  }
  const ofType = bestStrategy(armsOfState(state), failureType);
  const candidatesMissing = unfollowedPairs(state) ?? null;
  return { ...ofType, candidatesMissing, basedOn: 'failure_type', evidence: 'association' };
}

/** The last hour that a Date can name. */
const TIME_END_MS = 8_640_000_000_000_000;

/** Patterns of the question asked last: they stay the same until an event comes or a minute ends. */
const lastPatterns = new WeakMap<
  Live,
  { readonly key: string; readonly patterns: Promise<CoursePatterns> }
>();

/** Ranges shorter than a day have no pattern that needs weeks. */
async function patternsFor(
  live: Live,
  clock: Clock,
  { range, filters }: Question,
): Promise<CoursePatterns | undefined> {
  const { log, state, ingest } = live;
  const toMs = (Math.floor(clock.nowMs() / MINUTE_MS) + 1) * MINUTE_MS;
  const asked = range.range ?? { fromMs: 0, toMs };
  if (asked.toMs - asked.fromMs < DAY_MS) return undefined;
  const key = JSON.stringify([state.seq, asked, filters]);
  const known = lastPatterns.get(live);
  if (known?.key === key) return known.patterns;
  const query = { range: asked, filters, pending: ingest.pending() };
  const patterns = log.courses(query).then(coursePatterns);
  lastPatterns.set(live, { key, patterns });
  // Nobody is to meet the failure of someone else's question.
  patterns.catch(() => lastPatterns.delete(live));
  return patterns;
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
