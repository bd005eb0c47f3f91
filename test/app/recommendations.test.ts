/** Advice through the product: what events call for, and when it came and went. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ask, postLines, startExporter, type Json } from './exporter-rig.js';

const MINUTE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'selfhealer-advice-'));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

let lines = 0;

function attempt(timeMs: number, strategy: string, success: boolean, more: object = {}): string {
  lines += 1;
  const data = {
    failure_id: `agent_down_${lines}`,
    failure_type: 'agent_down',
    strategy_used: strategy,
    duration_ms: 100,
    success,
    ...more,
  };
  const time = new Date(timeMs).toISOString();
  const type = 'selfhealer.healing.completed';
  return JSON.stringify({ specversion: '1.0', id: `e${lines}`, source: '/s', type, time, data });
}

function idsOf(details: readonly Json[]): string[] {
  return details.map(({ id }) => id);
}

test('what the results call for is proposed, with its numbers, and its history outlives a restart', async () => {
  const options = { store: undefined, storage: { path: folder } };
  const first = await startExporter(options);
  const nowMs = Date.now() - 5 * MINUTE_MS;
  // The one mostly used heals half of the time and takes long; the other one nearly always heals.
  const events = [
    ...Array.from({ length: 60 }, (_, i) =>
      attempt(nowMs + i, 'Slow', i % 2 === 0, { duration_ms: 5_000 }),
    ),
    ...Array.from({ length: 40 }, (_, i) => attempt(nowMs + i, 'Good', i !== 0)),
    // Third attempts on one incident hardly ever heal.
    ...Array.from({ length: 40 }, (_, i) =>
      [0, 1, 2].map((n) =>
        attempt(nowMs + 1000 + 10 * i + n, 'Again', n === 0 && i % 2 === 0, {
          failure_id: `queue_full_${i}`,
          failure_type: 'queue_full',
        }),
      ),
    ).flat(),
  ];
  let since: unknown;
  try {
    await postLines(first.url, events);
    const report = (await ask(`${first.url}/api/v1/report`)).json;
    const found = new Map<string, Json>(
      report.recommendation_details.map((one: Json) => [one.id, one]),
    );
    expect(found.get('proposal:better_strategy:agent_down')).toMatchObject({
      kind: 'proposal',
      severity: 'warning',
      strategy: 'Good',
      failure_type: 'agent_down',
      evidence: { used_strategy: 'Slow', attempts: 40, used_attempts: 60, association: true },
      action: "Try 'Good' before 'Slow' on 'agent_down'.",
    });
    expect(found.get('tuning:retry_limit:Again')).toMatchObject({
      kind: 'tuning',
      action: "Set the retry limit of 'Again' to 1.",
    });
    for (const one of found.values()) expect(one.evidence.window).toBeTypeOf('string');

    const history = (await ask(`${first.url}/api/v1/recommendations/history`)).json;
    expect(idsOf(history.history)).toContain('proposal:better_strategy:agent_down');
    since = history.history[0].since;
  } finally {
    await first.exporter.close();
  }

  const second = await startExporter(options);
  try {
    const kept = (await ask(`${second.url}/api/v1/recommendations/history?state=standing`)).json;
    expect(kept.history[0]).toMatchObject({ state: 'standing', since, until: null });
    // The strategy that was worse does well from now on.
    const better = Array.from({ length: 400 }, (_, i) => attempt(nowMs + 5000 + i, 'Slow', true));
    await postLines(second.url, better);
    const gone = (await ask(`${second.url}/api/v1/recommendations/history?state=gone`)).json;
    expect(idsOf(gone.history)).toContain('proposal:better_strategy:agent_down');
    expect(gone.history[0].until).toBeTypeOf('string');
    const wrong = await ask(`${second.url}/api/v1/recommendations/history?state=odd`);
    expect(wrong.status).toBe(400);
    expect(wrong.json.error.message).toContain('standing or gone');
  } finally {
    await second.exporter.close();
  }
});
