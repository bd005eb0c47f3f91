/** The incidents that are open, one by one. */
import type { Filters, TimeRange } from '../core/ports.js';
import type { SeverityLabel } from '../core/facts.js';
import type { Incident } from '../core/state/incident.js';
import type { LiveState } from '../core/state/live-state.js';
import { openIncidents } from './open-incidents.js';

export interface IncidentEntry {
  readonly source: string;
  readonly failureId: string;
  readonly failureType: string;
  readonly severity: SeverityLabel;
  readonly agentId: string | undefined;
  readonly detectedMs: number;
  /** How long it has been open. */
  readonly ageMs: number;
  /** Attempts that ran since it opened. */
  readonly attempts: number;
}

export interface IncidentsQuestion {
  readonly state: LiveState;
  readonly range: TimeRange | undefined;
  readonly filters: Filters;
  readonly limit: number;
  readonly nowMs: number;
}

/**
 * Open incidents that were detected in the range, oldest first: those wait longest. At most `limit`; `total` counts
 * all of them.
 *
 * Units: Unix milliseconds, milliseconds.
 * Left out: ended ones. The state keeps of them only what tells duplicates; the report has their counts.
 * No data: an empty list.
 * Errors: none.
 */
export function incidents({ state, range, filters, limit, nowMs }: IncidentsQuestion): {
  readonly total: number;
  readonly entries: readonly IncidentEntry[];
} {
  const open = openIncidents(state.incidents.open.values(), range, filters);
  return {
    total: open.length,
    entries: open
      .sort((a, b) => a.openedMs - b.openedMs)
      .slice(0, limit)
      .map((incident) => entryOf(incident, nowMs)),
  };
}

function entryOf(incident: Incident, nowMs: number): IncidentEntry {
  const { source, failureId, failureType, severity, agentId, openedMs, attempts } = incident;
  return {
    source,
    failureId,
    failureType,
    severity: severity ?? 'unknown',
    agentId,
    detectedMs: openedMs,
    ageMs: Math.max(0, nowMs - openedMs),
    attempts,
  };
}
