/** Which open incidents a question is about. */
import { addToBins, type Bins } from '../core/bins.js';
import type { Filters, TimeRange } from '../core/ports.js';
import type { Incident } from '../core/state/incident.js';

/** Of these incidents, those that were detected within the range and match every filter. */
export function openIncidents(
  incidents: Iterable<Incident>,
  range: TimeRange | undefined,
  filters: Filters,
): Incident[] {
  const chosen: Incident[] = [];
  for (const incident of incidents) {
    if (range !== undefined && !isWithin(incident.openedMs, range)) continue;
    if (matches(incident, filters)) chosen.push(incident);
  }
  return chosen;
}

export function byFailureType(incidents: Iterable<Incident>): ReadonlyMap<string, Incident[]> {
  const byType = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const ofType = byType.get(incident.failureType);
    if (ofType === undefined) byType.set(incident.failureType, [incident]);
    else ofType.push(incident);
  }
  return byType;
}

/** When they were detected, by failure type. */
export function openedByType(incidents: Iterable<Incident>): ReadonlyMap<string, number[]> {
  const byType = new Map<string, number[]>();
  for (const { failureType, openedMs } of incidents) {
    const ofType = byType.get(failureType);
    if (ofType === undefined) byType.set(failureType, [openedMs]);
    else ofType.push(openedMs);
  }
  return byType;
}

/** Log bins of how long the incidents had been open at `atMs`. */
export function ages(incidents: readonly Incident[], atMs: number): Bins {
  return binsOf(agesMs(incidents, atMs));
}

export function binsOf(durationsMs: readonly number[]): Bins {
  const bins: Bins = new Map();
  for (const durationMs of durationsMs) addToBins(bins, durationMs);
  return bins;
}

/** How long they have been open. */
export function agesMs(incidents: readonly Incident[], atMs: number): number[] {
  return incidents.map(({ openedMs }) => Math.max(0, atMs - openedMs));
}

/** A strategy matches an incident that it was tried on. */
function matches(incident: Incident, filters: Filters): boolean {
  const { failureType, strategy, agentId, source } = filters;
  return (
    (failureType === undefined || incident.failureType === failureType) &&
    (agentId === undefined || incident.agentId === agentId) &&
    (source === undefined || incident.source === source) &&
    (strategy === undefined || wasTried(incident, strategy))
  );
}

function wasTried({ strategy, otherStrategies }: Incident, asked: string): boolean {
  if (strategy === asked) return true;
  return otherStrategies?.some((other) => other.strategy === asked) ?? false;
}

function isWithin(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}
