/** Events, groups and stores for the tests of the event log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AppendGroup, Derived, NewSnapshot, Snapshot } from '../../src/core/ports.js';
import { RollupBuffer, type MinuteCell } from '../../src/core/rollup.js';
import type { AttemptEnded, Fact } from '../../src/core/facts.js';
import { MEMORY_PATH, connect } from '../../src/store/connection.js';
import { packDerived } from '../../src/store/pack-derived.js';
import { packAppend } from '../../src/store/pack.js';
import { Store, type AppendedAll } from '../../src/store/store.js';
import { NOON_MS } from './events.js';

export { NOON_MS, completed, groupOf, heartbeats, type TestEvent } from './events.js';

/** A store on this thread, without a disk. */
export function memoryStore(): Store {
  return new Store(connect({ path: MEMORY_PATH }), MEMORY_PATH);
}

export function appendTo(
  store: Store,
  groups: readonly AppendGroup[],
  derived?: Derived,
): AppendedAll {
  return store.append(packAppend(groups), derived && packDerived(derived));
}

export function snapshotTo(store: Store, snapshot: Snapshot, derived: Derived): void {
  store.saveSnapshot(newSnapshot(snapshot), packDerived(derived));
}

export function newSnapshot({ seq, state }: Snapshot): NewSnapshot {
  return { seq, text: new TextEncoder().encode(state) };
}

/** Everything that the store replays after a sequence: [seq, JSON text]. */
export function replayed(store: Store, afterSeq = 0): [number, string][] {
  const all: [number, string][] = [];
  for (let after = afterSeq; ;) {
    const batch = store.read(after);
    if (batch === undefined) return all;
    const { entries, firstSeq } = batch;
    const text = Buffer.from(entries.text);
    for (let i = 0; i < entries.count; i += 1) {
      all.push([
        firstSeq + i,
        text.toString('utf8', entries.spans[2 * i], entries.spans[2 * i + 1]),
      ]);
    }
    after = batch.nextSeq - 1;
  }
}

/** A folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function cellsOf(facts: readonly Fact[]): readonly MinuteCell[] {
  const buffer = new RollupBuffer();
  for (const fact of facts) buffer.add(fact);
  return buffer.take();
}

export const attempt = (about: Partial<AttemptEnded> = {}): AttemptEnded => ({
  kind: 'attempt_ended',
  source: '/swarms/alpha',
  timeMs: NOON_MS,
  failureId: 'f',
  strategy: 'AgentRestartStrategy',
  failureType: 'agent_down',
  agentId: undefined,
  severity: 'unknown',
  outcome: 'succeeded',
  reason: 'unspecified',
  trigger: 'reactive',
  durationMs: 150,
  attempt: 1,
  attemptOfStrategy: 1,
  firstOfStrategy: true,
  inOrder: true,
  ...about,
});
