/** What holds for every source, whatever it listens to. Each source's test runs it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Refusal } from '../../src/core/ports.js';
import { openRig, totalOf, until, type PipelineRig } from './pipeline-rig.js';

/** `bad`: without a strategy, so `missing_field`. */
export interface Item {
  readonly id: string;
  readonly kind: 'good' | 'bad';
}

export interface SourceRig {
  /**
   * Hands the items to the source in one go, as its outside would, and again where it is asked to.
   */
  send(items: readonly Item[]): Promise<void>;
  /** Stops the source; where it has a place to go on from, a new one then reads what was left. */
  stopAndResume(): Promise<void>;
  close(): Promise<void>;
}

const FULL: Refusal = { code: 'overloaded', message: 'full', retryAfterSeconds: 1 };
const DISK_FULL: Refusal = { code: 'store_unavailable', message: 'full', retryAfterSeconds: 5 };

export function describeSource(
  name: string,
  start: (pipeline: PipelineRig) => Promise<SourceRig>,
): void {
  describe(`${name} as a source`, () => {
    let pipeline: PipelineRig;
    let source: SourceRig;
    beforeEach(async () => {
      pipeline = await openRig();
      source = await start(pipeline);
    });
    afterEach(async () => {
      await source.close();
      await pipeline.close();
    });
    const settled = (items: number): Promise<void> =>
      until(() => {
        const { accepted, duplicates, rejected } = totalOf(pipeline);
        return accepted + duplicates + rejected >= items;
      });

    test('says that events are accepted when they are on disk and folded, not before', async () => {
      for (let round = 0; round < 3; round++) {
        await source.send(good(20, `round${round}`));
        await settled(20 * (round + 1));
      }

      let accepted = 0;
      for (const { outcome, eventsInLog, eventsFolded } of pipeline.heard) {
        accepted += 'code' in outcome ? 0 : outcome.accepted;
        expect(eventsInLog).toBeGreaterThanOrEqual(accepted);
        expect(eventsFolded).toBeGreaterThanOrEqual(accepted);
      }
      expect(accepted).toBe(60);
    });

    test('an event that comes again is a duplicate and is counted once', async () => {
      await source.send(good(5));
      await settled(5);
      await source.send(good(7));
      await settled(12);

      expect(totalOf(pipeline)).toEqual({ accepted: 7, duplicates: 5, rejected: 0 });
      expect(pipeline.state.seq).toBe(7);
    });

    test('a bad item is rejected with its code, and the others are taken', async () => {
      await source.send([...good(2), { id: 'bad', kind: 'bad' }, ...good(4)]);
      await settled(7);

      expect(totalOf(pipeline)).toEqual({ accepted: 4, duplicates: 2, rejected: 1 });
      const rejected = pipeline.heard.flatMap(({ outcome }) =>
        'code' in outcome ? [] : outcome.rejected,
      );
      expect(rejected).toEqual([
        { index: 2, code: 'missing_field', message: expect.stringContaining('strategy_used') },
      ]);
    });

    test('what was refused is kept by nobody, and counts once when it comes again', async () => {
      pipeline.refuseNext(FULL, DISK_FULL);
      await source.send(good(10));
      await settled(10);

      expect(totalOf(pipeline)).toEqual({ accepted: 10, duplicates: 0, rejected: 0 });
      expect(pipeline.state.seq).toBe(10);
    });

    test('stopping loses nothing', async () => {
      const sending = source.send(good(50));
      await source.stopAndResume();
      await sending;
      await settled(50);

      expect(pipeline.state.seq).toBe(50);
    });

    test('accepted, duplicate and rejected add up to the items', async () => {
      await source.send([...good(10), ...bad(3)]);
      await settled(13);
      await source.send([...good(12), ...bad(2)]);
      await settled(27);

      const { accepted, duplicates, rejected } = totalOf(pipeline);
      expect(accepted + duplicates + rejected).toBe(27);
      expect(pipeline.state.seq).toBe(accepted);
      expect(pipeline.counts.queueLevel).toMatchObject({ events: 0, bytes: 0 });
    });
  });
}

function good(count: number, prefix = 'good'): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, kind: 'good' }));
}

function bad(count: number): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: `bad${i}`, kind: 'bad' }));
}
