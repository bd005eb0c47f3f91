/** Scores of predictions through the product: events posted over HTTP, read back from the report. */
import { expect, test } from 'vitest';
import { ask, postLines, startExporter } from './exporter-rig.js';

const MINUTE_MS = 60_000;

function line(type: string, id: string, timeMs: number, data: object): string {
  const time = new Date(timeMs).toISOString();
  const source = '/swarms/test';
  return JSON.stringify({ specversion: '1.0', id, source, type: `selfhealer.${type}`, time, data });
}

/** Every half hour a failure that `trend` foresees by two minutes, while `queue` cries wolf at other times. */
function events(nowMs: number): string[] {
  return Array.from({ length: 60 }, (_, n) => {
    const timeMs = nowMs - (60 - n) * 30 * MINUTE_MS;
    const about = { failure_type: 'agent_down', agent_id: 'agent-1', confidence: 0.9 };
    const soon = { ...about, expected_time_ms: 2 * MINUTE_MS };
    const seen = { ...soon, prediction_id: `t${n}`, source: 'trend' };
    const wolf = { ...soon, prediction_id: `q${n}`, source: 'queue' };
    const failure = { failure_id: `f${n}`, failure_type: 'agent_down', agent_id: 'agent-1' };
    return [
      line('failure.predicted', `t${n}`, timeMs, seen),
      line('failure.detected', `f${n}`, timeMs + 2 * MINUTE_MS, failure),
      line('failure.predicted', `q${n}`, timeMs + 10 * MINUTE_MS, wolf),
      line('prediction.resolved', `r${n}`, timeMs + 15 * MINUTE_MS, {
        prediction_id: `q${n}`,
        outcome: 'false_positive',
      }),
    ];
  }).flat();
}

test('who foresees and who cries wolf are told apart', async () => {
  const { exporter, url } = await startExporter();
  try {
    const lines = events(Date.now() - MINUTE_MS);
    expect((await postLines(url, lines)).json).toMatchObject({ accepted: lines.length });
    await postLines(url, lines); // told again it changes nothing

    const report = (await ask(`${url}/api/v1/report`)).json;
    expect(report.predictions).toMatchObject({ window: 'all', standing: 0 });
    const { trend, queue } = report.predictions.by_source;
    expect(trend).toMatchObject({
      predictions: 60,
      precision: 1,
      recall: 1,
      chance: { verdict: 'better_than_chance', tested: 50, came_true: 50 },
    });
    expect(trend.lead_time.p50_ms).toBeGreaterThan(115_000);
    expect(trend.lead_time.p50_ms).toBeLessThan(125_000);
    expect(queue).toMatchObject({
      precision: 0,
      recall: 0,
      calibration: { verdict: 'overconfident' },
      false_positive_cost: { false_positives: 60, preventive_attempts: 0 },
      chance: { verdict: 'no_better_than_chance', came_true: 0 },
    });
    expect(queue.calibration.brier).toBeCloseTo(0.81, 6);
    const details = report.recommendation_details.filter(
      ({ kind }: { kind: string }) => kind === 'prediction',
    );
    expect(details).toMatchObject([
      { id: 'prediction:no_better_than_chance:queue', severity: 'warning' },
    ]);
    const part = (await ask(`${url}/api/v1/predictions?range=1h`)).json;
    expect(part.predictions).toEqual(report.predictions);
  } finally {
    await exporter.close();
  }
});
