/** Which open incidents a question is about. */
import { addToBins, type Bins } from '../core/bins.js';
import type { Filters, TimeRange } from '../core/ports.js';
import { completedMs } from '../core/state/incident-facts.js';
import type { Incident } from '../core/state/incident.js';
import type { LiveState } from '../core/state/live-state.js';

/** Open incidents that were detected within the range and match every filter. */
export function openIncidents(
  state: LiveState,
  range: TimeRange | undefined,
  filters: Filters,
): Incident[] {
  return [...state.incidents.open.values()].filter(
    (incident) =>
      (range === undefined || isWithin(incident.course.openedMs, range)) &&
      matches(incident, filters),
  );
}

/** A strategy matches an incident that it was tried on. */
export function matches(incident: Incident, filters: Filters): boolean {
  const { failureType, strategy, agentId, source } = filters;
  return (
    (failureType === undefined || incident.failureType === failureType) &&
    (agentId === undefined || incident.agentId === agentId) &&
    (source === undefined || incident.source === source) &&
    (strategy === undefined || completedMs(incident, strategy) !== undefined)
  );
}

/** Log bins of how long the incidents had been open at `atMs`. */
export function ages(incidents: readonly Incident[], atMs: number): Bins {
  const bins: Bins = new Map();
  for (const { course } of incidents) addToBins(bins, Math.max(0, atMs - course.openedMs));
  return bins;
}

function isWithin(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}
