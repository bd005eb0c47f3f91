/**
 * Appends to the log at argv[2] until its power goes, and writes the id of each event to the file
 * argv[3] as soon as the log says that it is kept. argv[4]: how to open the log, as JSON; argv[5]:
 * what its ids begin with.
 */
import { appendFileSync } from 'node:fs';
import { RollupBuffer } from '../../../src/core/rollup.js';
import type { Derived } from '../../../src/core/ports.js';
import { openEventLogWith } from '../../../src/store/event-log.js';
import { NOON_MS, groupOf } from '../../store/events.js';

const APPENDS = 400;
const [path = '', ledger = '', faults = '{}', run = ''] = process.argv.slice(2);

const log = await openEventLogWith({ path, faults: JSON.parse(faults) });
let rolledSeq = log.opened.rolledSeq;
let lastSeq = log.opened.lastSeq;

/** One success for each event that the rollups do not hold yet. */
function derived(): Derived {
  const buffer = new RollupBuffer();
  for (let seq = rolledSeq + 1; seq <= lastSeq; seq += 1) {
    buffer.add({
      kind: 'attempt_ended',
      source: '/writer',
      timeMs: NOON_MS + seq * 1000,
      failureId: 'f',
      strategy: 'Restart',
      failureType: 'agent_down',
      agentId: `agent-${seq % 3}`,
      severity: 'unknown',
      outcome: 'succeeded',
      reason: 'unspecified',
      trigger: 'reactive',
      durationMs: 10,
      attempt: 1,
      attemptOfStrategy: 1,
      firstOfStrategy: true,
      inOrder: true,
    });
  }
  rolledSeq = lastSeq;
  return { throughSeq: lastSeq, cells: buffer.take(), labels: [] };
}

for (let n = 0; n < APPENDS; n += 1) {
  // Some large ones, so that a commit is many pages.
  const count = n % 10 === 9 ? 120 : 1 + (n % 4);
  const ids = Array.from({ length: count }, (_, i) => `${run}-${n}-${i}`);
  const events = ids.map((id) => ({ id, data: { noise: `${id.length * 7919}${id}` } }));
  await log.append([groupOf(events)], n % 3 === 0 ? derived() : undefined);
  lastSeq += count;
  appendFileSync(ledger, `${ids.join('\n')}\n`);
  if (n % 20 === 19) {
    const text = new TextEncoder().encode(`{"n":${n}}`);
    await log.saveSnapshot({ seq: lastSeq, text }, derived());
  }
}
await log.close();
