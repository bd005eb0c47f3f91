/** The agents with the most failures in a range, and how many more there are. */
import type { AgentCounts, History } from '../core/ports.js';
import type { MinuteCell } from '../core/rollup.js';
import { addSkimmed, noneSkimmed, skimCounts, type Skimmed } from './cells.js';
import { conditionsOf } from './filters.js';
import { visitAgentMinutes, type Asked, type HistoryParts } from './asked.js';
import { RESOLUTION } from './segments.js';

export const AGENTS_MAX = 1000;

/**
 * The rows give their own top 1,000; of agents that also have minutes outside of the rows they are
 * asked for the counts, whatever their rank. Minutes only add, so no other agent can rise into the
 * top.
 */
export function readAgents(
  parts: HistoryParts,
  asked: Asked | undefined,
  pending: readonly MinuteCell[],
): Pick<History, 'agents' | 'agentsLeftOut'> {
  const added = addedCounts(parts, asked, pending);
  const { listed, agents, failures } = rowCounts(parts, asked, [...added.keys()]);
  let agentsInAll = agents;
  let failuresInAll = failures;
  for (const [agentId, { failures, succeeded, failed }] of added) {
    if (failures + succeeded + failed === 0) continue;
    const known = listed.get(agentId);
    if (known === undefined) agentsInAll += 1;
    failuresInAll += failures;
    listed.set(agentId, {
      agentId,
      failures: failures + (known?.failures ?? 0),
      succeeded: succeeded + (known?.succeeded ?? 0),
      failed: failed + (known?.failed ?? 0),
    });
  }
  const ranked = [...listed.values()].sort(byFailures).slice(0, AGENTS_MAX);
  const rankedFailures = ranked.reduce((sum, agent) => sum + agent.failures, 0);
  return {
    agents: ranked,
    agentsLeftOut: {
      agents: agentsInAll - ranked.length,
      failures: failuresInAll - rankedFailures,
    },
  };
}

/**
 * From minutes that stand in no row of agent_cells, and from cells that are not in the store yet.
 */
function addedCounts(
  parts: HistoryParts,
  asked: Asked | undefined,
  pending: readonly MinuteCell[],
): Map<string, Skimmed> {
  const byNumber = new Map<number, Skimmed>();
  if (asked !== undefined) {
    const countsOf = (agentNo: number): Skimmed => {
      let counts = byNumber.get(agentNo);
      if (counts === undefined) {
        counts = noneSkimmed();
        byNumber.set(agentNo, counts);
      }
      return counts;
    };
    visitAgentMinutes(
      parts,
      asked,
      ([, , , agentNo], _minute, reader) => {
        skimCounts(countsOf(agentNo), reader);
      },
      (sums) => {
        for (const [agentNo, sum] of sums) addSkimmed(countsOf(agentNo), sum);
      },
    );
  }
  const added = new Map<string, Skimmed>();
  for (const [agentNo, counts] of byNumber) added.set(parts.names.nameOf(agentNo), counts);
  for (const { agentId, cell } of pending) {
    if (agentId === '') continue;
    const counts = added.get(agentId) ?? noneSkimmed();
    counts.failures += cell.failures;
    counts.succeeded += cell.succeeded;
    counts.failed += cell.failed;
    added.set(agentId, counts);
  }
  return added;
}

/** From agent_cells: the top, `also` where they are there, and the sums over all. */
function rowCounts(
  { db, names }: HistoryParts,
  asked: Asked | undefined,
  also: readonly string[],
): { listed: Map<string, AgentCounts>; agents: number; failures: number } {
  const listed = new Map<string, AgentCounts>();
  const segments = (asked?.segments ?? []).filter((part) => part.resolution !== RESOLUTION.minute);
  if (asked === undefined || segments.length === 0) return { listed, agents: 0, failures: 0 };

  const { by } = asked;
  const conditions = conditionsOf(by);
  const agent = by.agentNo === undefined ? [] : [by.agentNo];
  const sql = `${conditions.sql}${by.agentNo === undefined ? '' : ' AND agent_no = ?'}`;
  const values = segments.flatMap(({ resolution, from, to }) => [
    resolution,
    from,
    to,
    ...conditions.values,
    ...agent,
  ]);
  const rows = segments.map(
    () =>
      'SELECT agent_no, failures, succeeded, failed FROM agent_cells ' +
      `WHERE resolution = ? AND bucket >= ? AND bucket < ?${sql}`,
  );
  const counts =
    'WITH counts AS (SELECT agent_no, sum(failures) AS failures, sum(succeeded) AS succeeded, ' +
    `sum(failed) AS failed FROM (${rows.join(' UNION ALL ')}) GROUP BY agent_no ` +
    'HAVING sum(failures) + sum(succeeded) + sum(failed) > 0) ';
  const select =
    'SELECT name AS agentId, failures, succeeded, failed FROM counts JOIN names ON no = agent_no ';

  const top = `${counts}${select} ORDER BY failures DESC, name LIMIT ${String(AGENTS_MAX)}`;
  for (const row of db.prepare<number[], AgentCounts>(top).all(...values))
    listed.set(row.agentId, row);
  const missing = also.filter((agentId) => !listed.has(agentId));
  const numbers = JSON.stringify(missing.flatMap((agentId) => names.find(agentId) ?? []));
  if (listed.size === AGENTS_MAX && missing.length > 0) {
    const of = `${counts}${select} WHERE agent_no IN (SELECT value FROM json_each(?))`;
    const found = db.prepare<(number | string)[], AgentCounts>(of).all(...values, numbers);
    for (const row of found) listed.set(row.agentId, row);
  }
  if (listed.size < AGENTS_MAX) {
    const failures = [...listed.values()].reduce((sum, row) => sum + row.failures, 0);
    return { listed, agents: listed.size, failures };
  }
  const all = `${counts}SELECT count(*) AS agents, coalesce(sum(failures), 0) AS failures FROM counts`;
  const sums = db.prepare<number[], { agents: number; failures: number }>(all).get(...values);
  return { listed, agents: sums?.agents ?? 0, failures: sums?.failures ?? 0 };
}

/**
 * Most failures first; of equal ones by name, in the order of code points as SQLite sorts UTF-8.
 */
function byFailures(a: AgentCounts, b: AgentCounts): number {
  return b.failures - a.failures || Buffer.compare(Buffer.from(a.agentId), Buffer.from(b.agentId));
}
