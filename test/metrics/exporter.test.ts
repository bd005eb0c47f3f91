// What the exporter shows of itself.
import { describe, expect, test } from 'vitest';
import { deriveGauges } from '../../src/analysis/derived.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { RowWalker } from '../../src/exposition/row-walker.js';
import { SelfCounts } from '../../src/metrics/self-counts.js';
import { metricRows } from '../../src/metrics/table.js';
import { at, detected, envelope, fold, logged } from '../support/events.js';
import { familyOf, lines, render, samplesOf, scrape, viewOf } from './scrape.js';

function shown(name: string, self: SelfCounts): Promise<string> {
  return scrape([], name, { self });
}

describe('sources', () => {
  const name = 'selfhealer_up';
  const { state } = fold([detected(0, 'f1')]); // received 5 ms later

  test.each([
    ['now', 1, 1],
    ['after five minutes', 300.005, 1],
    ['after more than five minutes', 300.006, 0],
  ])('%s', async (_when, seconds, up) => {
    const text = await render(viewOf(state, { nowMs: at(seconds) }));
    expect(familyOf(text, name)).toBe(
      lines(
        `# HELP ${name} 1 while the source is attached and heard from, within the last 5 minutes.`,
        `# TYPE ${name} gauge`,
        `${name}{source="/swarms/alpha"} ${up}`,
      ),
    );
  });

  test('are not heard from by what is imported, nor by what the exporter adds itself', async () => {
    const imported = new LiveState();
    imported.apply(logged(detected(0, 'f1'), 1, 'import'));
    imported.apply(logged(detected(1, 'f2'), 2, 'internal'));
    expect(samplesOf(familyOf(await render(viewOf(imported)), name))).toEqual([]);
  });
});

describe('what comes in', () => {
  test('accepted events are counted by input and type, all of them from 0', async () => {
    const name = 'selfhealer_exporter_events_total';
    const heartbeat = { ...envelope(1), type: 'selfhealer.heartbeat' } as const;
    const text = await scrape([detected(0, 'f1'), heartbeat, heartbeat], name);

    expect(text).toContain(`# HELP ${name} Events accepted.\n# TYPE ${name} counter\n`);
    expect(text).toContain(`${name}{input="http",type="selfhealer.heartbeat"} 2`);
    expect(text).toContain(`${name}{input="http",type="selfhealer.failure.detected"} 1`);
    const samples = samplesOf(text);
    expect(samples).toHaveLength(60);
    expect(samples.filter(({ value }) => value === 0)).toHaveLength(58);
  });

  test('duplicates, rejections and refusals are counted by input and reason, from 0', async () => {
    const self = new SelfCounts();
    self.duplicates('http', 7);
    self.rejected('file', 'invalid_identifier', 2);
    self.rejected('file', 'invalid_identifier', 1);
    self.refused('http', 'overloaded');
    const duplicates = 'selfhealer_exporter_events_duplicate_total';
    const rejected = await shown('selfhealer_exporter_events_rejected_total', self);
    const refused = await shown('selfhealer_exporter_deliveries_refused_total', self);

    expect(await shown(duplicates, self)).toBe(
      lines(
        `# HELP ${duplicates} Events that the log had already.`,
        `# TYPE ${duplicates} counter`,
        `${duplicates}{input="http"} 7`,
        ...['emitter', 'file', 'nats', 'import', 'internal'].map(
          (input) => `${duplicates}{input="${input}"} 0`,
        ),
      ),
    );
    expect(rejected).toContain('{input="file",reason="invalid_identifier"} 3');
    expect(rejected).toContain('{input="http",reason="too_old"} 0');
    expect(samplesOf(rejected)).toHaveLength(6 * 14);
    expect(refused).toContain('{input="http",reason="overloaded"} 1');
    expect(refused).toContain('{input="http",reason="unauthorized"} 0');
    expect(samplesOf(refused)).toHaveLength(6 * 13);
  });

  test('the last event is a time; an input that brought none has none', async () => {
    const name = 'selfhealer_exporter_last_event_timestamp_seconds';
    const self = new SelfCounts();
    self.lastEvent('http', at(1));
    self.lastEvent('http', at(2));

    expect(await shown(name, self)).toBe(
      lines(
        `# HELP ${name} When the newest accepted event of the input was received.`,
        `# TYPE ${name} gauge`,
        `${name}{input="http"} ${at(2) / 1000}`,
      ),
    );
  });

  test('lag is never negative, and what is no number does not spoil it', async () => {
    const name = 'selfhealer_exporter_event_lag_seconds';
    const self = new SelfCounts();
    for (const seconds of [0.3, -5, Number.NaN, Number.POSITIVE_INFINITY]) {
      self.lag('http', seconds);
    }
    const text = await shown(name, self);

    expect(text).toContain(`# HELP ${name} Event time to applied.\n# TYPE ${name} histogram\n`);
    expect(text).toContain(`${name}_bucket{le="0.005",input="http"} 1`);
    expect(text).toContain(`${name}_sum{input="http"} 0.3`);
    expect(text).toContain(`${name}_count{input="http"} 2`);
    expect(text).toContain(`${name}_count{input="nats"} 0`);
  });

  test('the queue shows nothing before it is known, then what it last told', async () => {
    const self = new SelfCounts();
    const names = ['events', 'bytes', 'capacity_bytes'].map(
      (n) => `selfhealer_exporter_queue_${n}`,
    );
    const values = async () => {
      const texts = await Promise.all(names.map((name) => shown(name, self)));
      return texts.flatMap(samplesOf).map(({ series, value }) => [series, value]);
    };

    expect(await values()).toEqual([]);
    self.queue({ events: 3, bytes: 700, capacityBytes: 1024 });
    self.queue({ events: 2, bytes: 500, capacityBytes: 1024 });
    expect(await values()).toEqual([
      [names[0], 2],
      [names[1], 500],
      [names[2], 1024],
    ]);
  });
});

describe('the store', () => {
  test('shows what it holds and what its checks found', async () => {
    const store = { events: 5, bytes: 40_960, walBytes: 8192, corruptEvents: 1, missingEvents: 2 };
    const text = await render(viewOf(new LiveState(), { store }));
    const values = samplesOf(text)
      .filter(({ family, type }) => family.includes('_store_') && type === 'gauge')
      .map(({ series, value }) => [series.replace('selfhealer_exporter_store_', ''), value]);

    expect(values).toEqual([
      ['events', 5],
      ['bytes', 40_960],
      ['wal_bytes', 8192],
      ['corrupt_events', 1],
      ['missing_events', 2],
    ]);
  });

  test('commits and errors are counted', async () => {
    const self = new SelfCounts();
    self.commit(0.004);
    self.storeError('STORE_FULL');
    const errors = 'selfhealer_exporter_store_errors_total';
    const commits = await shown('selfhealer_exporter_store_commit_duration_seconds', self);

    expect(commits).toContain('_bucket{le="0.005"} 1');
    expect(commits).toContain('_seconds_sum 0.004');
    expect(await shown(errors, self)).toBe(
      lines(
        `# HELP ${errors} Failed store operations.`,
        `# TYPE ${errors} counter`,
        `${errors}{code="STORE_FULL"} 1`,
        `${errors}{code="STORE_FAILED"} 0`,
        `${errors}{code="STORE_CLOSED"} 0`,
      ),
    );
  });
});

test('the build tells what runs', async () => {
  const name = 'selfhealer_exporter_build_info';
  expect(await scrape([], name)).toBe(
    lines(
      `# HELP ${name} Always 1; the labels tell what runs.`,
      `# TYPE ${name} gauge`,
      `${name}{version="0.1.0",revision="abc1234",node_version="v20.20.2"} 1`,
    ),
  );
});

test('errors of analyses are counted from the start of the process, as what is beside them', () => {
  const { state } = fold([detected(0, 'f1')]);
  const ran = { durationSeconds: 1, lastSuccessMs: at(130), errors: 2 };
  const run = { analysis: 'mttr', ...ran } as const;
  const report = { ...deriveGauges(state, at(130)), analyses: [run] };
  const view = viewOf(state, { report, startedMs: at(100), nowMs: at(130) });
  const family = new RowWalker(metricRows([]))
    .read(view)
    .find(({ name }) => name === 'selfhealer_exporter_analysis_errors_total');
  const begun = new Set(family?.points.map(({ sinceMs }) => sinceMs));
  expect([...begun]).toEqual([at(100)]);
});
