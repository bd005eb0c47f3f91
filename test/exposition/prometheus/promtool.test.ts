// What Prometheus' own linter says of the text.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { deriveGauges } from '../../../src/analysis/derived.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { SelfCounts } from '../../../src/metrics/self-counts.js';
import type { MetricsView } from '../../../src/metrics/view.js';
import { at, fold } from '../../support/events.js';
import { describeWith } from '../../support/servers.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { render, viewOf } from '../../metrics/scrape.js';

describeWith(['promtool'], 'promtool check metrics', ({ promtool }) => {
  const check = (text: string) => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  };
  const everythingOn = { optIns: ['agents', 'circuits'], processMetrics: true } as const;

  test('finds nothing in a rich exposition', async () => {
    const { state } = fold(oneOfEverything());
    const self = new SelfCounts();
    self.lastEvent('http', at(30));
    self.commit(0.003);
    self.queue({ events: 1, bytes: 300, capacityBytes: 1024 });
    const derived = deriveGauges(state, at(30));
    const report: MetricsView['report'] = {
      ...derived,
      strategies: derived.strategies.map((one) => ({
        ...one,
        trendScore: 0.5,
        trendChangedMs: at(9),
        successDelta: 0.1,
      })),
      mttr: [{ window: '1h', seconds: 5 }],
      failureTypeMttr: [{ failureType: 'agent_down', window: '1h', seconds: 5 }],
      analyses: [{ analysis: 'mttr', durationSeconds: 0.1, lastSuccessMs: at(30), errors: 0 }],
    };
    const text = await render(viewOf(state, { self, report }), everythingOn);
    expect(check(text)).toEqual({ status: 0, said: '' });
  });

  test('finds nothing before the first event', async () => {
    expect(check(await render(viewOf(new LiveState()), everythingOn))).toEqual({
      status: 0,
      said: '',
    });
  });

  test('would find something', () => {
    const text = '# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n';
    expect(check(text).status).not.toBe(0);
  });
});
