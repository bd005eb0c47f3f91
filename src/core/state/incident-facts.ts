/** From what changed about an incident to the facts that tell it. */
import type { HealingCompleted, Severity, Folded } from '../event.js';
import type { Fact, IncidentLabels } from '../facts.js';
import { MARK, type Ending, type Incident, type MarkKind } from './incident.js';

/** What an event says of the incident that it is about. */
export interface Said {
  readonly source: string;
  readonly failureId: string;
  readonly timeMs: number;
  readonly failureType?: string | undefined;
  readonly agentId?: string | undefined;
  readonly severity?: Severity | undefined;
}

/** What a mark changed. */
export interface Change {
  /** Failures of the incident before. */
  readonly failures: number;
  /** Since when it was, or had last been, open before. */
  readonly openedMs: number;
  readonly endings: readonly Ending[];
}

export function tellOpened(
  incident: Incident,
  { failures, openedMs, endings }: Change,
  seq: number,
  facts: Fact[],
): void {
  const { source, failureId } = incident;
  if (incident.failures === failures) return;
  incident.seq = seq;
  incident.attempts = 0;
  for (const other of incident.otherStrategies ?? []) other.attempts = 0;
  incident.attempted = false;
  const reopened = incident.open && incident.openedMs !== openedMs;
  for (let told = failures; told < incident.failures; told += 1) {
    const timeMs = reopened ? incident.openedMs : (endings[0]?.openedMs ?? incident.openedMs);
    // Written out: spread labels would cost more than all the rest.
    facts.push({
      kind: 'incident_opened',
      source,
      timeMs,
      failureId,
      failureType: incident.failureType,
      severity: incident.severity ?? 'unknown',
      agentId: incident.agentId,
      detected: incident.detected,
    });
  }
}

export function tellFirstAttempt(incident: Incident, startMs: number, facts: Fact[]): void {
  const { source, failureId, failureType } = incident;
  if (incident.attempted || incident.failures === 0) return;
  incident.attempted = true;
  const delayMs = Math.max(0, startMs - incident.openedMs);
  const timeMs = startMs;
  facts.push({ kind: 'first_attempt', source, timeMs, failureId, failureType, delayMs });
}

/** True when the strategy had not been tried on the incident before. */
export function noteCompletion(
  incident: Incident,
  { strategy, timeMs, outcome }: Folded<HealingCompleted>,
): boolean {
  const attempts = outcome === 'skipped' ? 0 : 1;
  incident.attempts += attempts;
  if (incident.strategy === undefined) {
    incident.strategy = strategy;
    incident.completedMs = timeMs;
    return true;
  }
  if (incident.strategy === strategy) {
    incident.completedMs = Math.max(incident.completedMs, timeMs);
    return false;
  }
  const known = incident.otherStrategies?.find((other) => other.strategy === strategy);
  if (known !== undefined) {
    known.timeMs = Math.max(known.timeMs, timeMs);
    known.attempts += attempts;
    return false;
  }
  incident.otherStrategies = [...(incident.otherStrategies ?? []), { strategy, timeMs, attempts }];
  return true;
}

/** How many attempts of this strategy ran on the incident since it opened last. */
export function attemptsOf(incident: Incident, strategy: string): number {
  const { attempts, otherStrategies } = incident;
  if (otherStrategies === undefined) return incident.strategy === strategy ? attempts : 0;
  if (incident.strategy === strategy) {
    return otherStrategies.reduce((left, other) => left - other.attempts, attempts);
  }
  return otherStrategies.find((other) => other.strategy === strategy)?.attempts ?? 0;
}

/** When this strategy completed last on the incident; minus infinity when it never did. */
export function completedMs(incident: Incident, strategy: string): number {
  if (incident.strategy === strategy) return incident.completedMs;
  const other = incident.otherStrategies?.find((one) => one.strategy === strategy);
  return other?.timeMs ?? Number.NEGATIVE_INFINITY;
}

/** Of all endings of a course, the `count` that a late mark brought about. */
export function causedBy(
  endings: readonly Ending[],
  timeMs: number,
  startMs: number,
  count: number,
): Ending[] {
  const touched = ({ openedMs, closedMs }: Ending): boolean =>
    closedMs === timeMs || openedMs === timeMs || openedMs === startMs;
  return [...endings.filter((ending) => !touched(ending)), ...endings.filter(touched)].slice(
    endings.length - count,
  );
}

/** What metadata say of the agent counts for less than what the incident says. */
export function agentOf(event: Folded<HealingCompleted>, incident: Incident): string | undefined {
  return event.agentFromMetadata === true
    ? (incident.agentId ?? event.agentId)
    : (event.agentId ?? incident.agentId);
}

export function markOf({ outcome, trigger }: Folded<HealingCompleted>): MarkKind {
  if (trigger === 'preventive') {
    return outcome === 'succeeded' ? MARK.succeededPreventively : MARK.noted;
  }
  return outcome === 'succeeded' ? MARK.succeeded : MARK.attempted;
}

export function labelsOf({ failureType, severity, agentId }: Incident): IncidentLabels {
  return { failureType, severity: severity ?? 'unknown', agentId };
}

export function newIncident(said: Said, seq: number, idHash: number): Incident {
  return {
    source: said.source,
    failureId: said.failureId,
    idHash,
    failureType: typeOf(said),
    typeGiven: said.failureType !== undefined,
    severity: said.severity,
    agentId: said.agentId,
    marks: [],
    seq,
    activeMs: said.timeMs,
    attempts: 0,
    attempted: false,
    strategy: undefined,
    completedMs: 0,
    otherStrategies: undefined,
    failures: 0,
    resolutions: 0,
    open: false,
    detected: false,
    openedMs: 0,
    closedMs: 0,
    filed: undefined,
    filedAt: -1,
    place: -1,
    before: undefined,
    after: undefined,
  };
}

/** As far as the event itself says it. */
export function typeOf({ failureType, failureId }: Said): string {
  return failureType ?? typeFromId(failureId);
}

/** The original names its failures `<type>_<details>`. */
function typeFromId(failureId: string): string {
  const end = failureId.indexOf('_');
  return end > 0 ? failureId.slice(0, end) : 'unknown';
}
