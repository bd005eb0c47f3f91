import { afterAll, beforeAll, expect, test } from 'vitest';
import { uniform } from '../support/random.js';
import { temporaryFolder } from '../sources/pipeline-rig.js';
import { freePort, runExporter, untilReady } from './exporter-process.js';
import { domainCounters, Ledger, post, sumOf } from './ledger.js';

const CYCLES = 50;
const SENDERS = 4;
/** Killed after so long, at most: early and late moments of commits, snapshots and recovery. */
const LIFE_MS_MAX = 150;

let storagePath: string;
let remove: () => void;
let port: number;
beforeAll(async () => {
  [storagePath, remove] = temporaryFolder();
  port = await freePort();
});
afterAll(() => remove());

test(
  `${CYCLES} kills in the middle of the work lose nothing acknowledged and count nothing twice`,
  { timeout: 240_000 },
  async () => {
    const random = uniform(20261123);
    const ledger = new Ledger();
    let before = new Map<string, number>();
    const fallen: string[] = [];
    /** Everything that was shown is a lower bound of everything that is shown later. */
    const compare = (now: Map<string, number>): void => {
      for (const [series, value] of before) {
        if ((now.get(series) ?? -1) < value) fallen.push(`${series}: ${value}, ${now.get(series)}`);
      }
      before = now;
    };

    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const exporter = runExporter({
        storagePath,
        port,
        flags: ['--analysis.interval=100ms'],
      });
      await untilReady(exporter);
      const stop = new AbortController();
      const sending = Array.from({ length: SENDERS }, () => ledger.send(exporter.url, stop.signal));
      const atStart = await domainCounters(exporter.url);
      if (typeof atStart !== 'number') compare(atStart);
      await new Promise((resolve) => setTimeout(resolve, random() * LIFE_MS_MAX));
      const atEnd = await domainCounters(exporter.url);
      if (typeof atEnd !== 'number') compare(atEnd);
      exporter.process.kill('SIGKILL');
      expect(await exporter.ended).toBe('SIGKILL');
      stop.abort();
      await Promise.all(sending);
    }
    expect(fallen).toEqual([]);
    expect(ledger.acknowledged.size).toBeGreaterThan(CYCLES);

    const exporter = runExporter({ storagePath, port });
    await untilReady(exporter);
    const recovered = await domainCounters(exporter.url);
    if (typeof recovered !== 'number') compare(recovered);
    expect(fallen).toEqual([]);

    const acknowledged = [...ledger.acknowledged.values()];
    for (let from = 0; from < acknowledged.length; from += 10_000) {
      const part = acknowledged.slice(from, from + 10_000);
      expect(await post(exporter.url, part)).toEqual({
        status: 200,
        settled: { accepted: 0, duplicates: part.length, rejected: [] },
      });
    }
    if (ledger.unknown.size > 0) await post(exporter.url, [...ledger.unknown.values()]);
    const counters = await domainCounters(exporter.url);
    if (typeof counters === 'number') throw new Error(`metrics: ${counters}`);
    expect(sumOf(counters, 'selfhealer_healing_attempts_total')).toBe(ledger.lines.length);
    expect(sumOf(counters, 'selfhealer_exporter_events_total')).toBe(ledger.lines.length);
    const stats = await (await fetch(`${exporter.url}/api/v1/stats`)).json();
    expect(stats).toMatchObject({ overall_stats: { total_healings: ledger.lines.length } });
    exporter.process.kill('SIGTERM');
    expect(await exporter.ended).toBe(0);
  },
);
