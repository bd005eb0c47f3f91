// Naming the agent threw away what the severity told: the agent was asked first, and all of its severities mixed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, postLines, startExporter, type ExporterRig } from '../app/exporter-rig.js';

const START_MS = Date.now() - 7_200_000;

interface Results {
  readonly type: string;
  readonly strategy: string;
  readonly agent?: string;
  readonly severity?: string;
  readonly attempts: number;
  readonly healed: number;
}

let ids = 0;

/** All over the same time, healed and not spread evenly, so that no success rate changes. */
function linesOf({ type, strategy, agent, severity, attempts, healed }: Results): string[] {
  return Array.from({ length: attempts }, (_, i) => {
    ids += 1;
    return JSON.stringify({
      specversion: '1.0',
      id: `e${ids}`,
      source: '/swarms/test',
      type: 'selfhealer.healing.completed',
      time: new Date(START_MS + Math.floor((i * 3_600_000) / attempts)).toISOString(),
      data: {
        failure_id: `f${ids}`,
        failure_type: type,
        agent_id: agent ?? `others-${i % 3}`,
        severity: severity ?? 'high',
        strategy_used: strategy,
        success: Math.floor(((i + 1) * healed) / attempts) > Math.floor((i * healed) / attempts),
        duration_ms: 10,
      },
    });
  });
}

/** The agents are all alike; which strategy is the better one depends on the severity. */
const BY_SEVERITY: readonly Results[] = [
  { strategy: 'ForLow', severity: 'low', healed: 95 },
  { strategy: 'ForLow', severity: 'critical', healed: 20 },
  { strategy: 'ForCritical', severity: 'low', healed: 30 },
  { strategy: 'ForCritical', severity: 'critical', healed: 95 },
].map((one) => ({ ...one, type: 'by_severity', agent: 'agent-1', attempts: 100 }));

const BY_AGENT: readonly Results[] = [
  { strategy: 'Usual', attempts: 300, healed: 270 },
  { strategy: 'Other', attempts: 300, healed: 120 },
  { strategy: 'Usual', agent: 'unlucky', attempts: 10, healed: 9 },
  { strategy: 'Other', agent: 'unlucky', attempts: 10, healed: 10 },
  { strategy: 'Usual', agent: 'unlike', attempts: 40, healed: 8 },
  { strategy: 'Other', agent: 'unlike', attempts: 40, healed: 38 },
  { strategy: 'Usual', agent: 'alike', attempts: 20, healed: 18 },
  { strategy: 'Other', agent: 'alike', attempts: 20, healed: 8 },
].map((one) => ({ ...one, type: 'by_agent' }));

let rig: ExporterRig;

beforeAll(async () => {
  rig = await startExporter();
  const lines = [...BY_SEVERITY, ...BY_AGENT].flatMap(linesOf);
  const timeOf = (line: string): number => Date.parse(String(JSON.parse(line).time));
  const inOrder = lines.sort((a, b) => timeOf(a) - timeOf(b));
  expect((await postLines(rig.url, inOrder)).status).toBe(200);
});

afterAll(() => rig.exporter.close());

async function best(question: string) {
  return (await ask(`${rig.url}/api/v1/strategies/best?${question}`)).json;
}

test.each([
  ['severity=low', 'ForLow', 'severity'],
  ['severity=critical', 'ForCritical', 'severity'],
  ['severity=low&attempt=1', 'ForLow', 'severity_and_attempt'],
  ['severity=critical&attempt=1', 'ForCritical', 'severity_and_attempt'],
])('%s says the same for an agent that is like the others', async (context, strategy, basedOn) => {
  for (const agent of ['', '&agent_id=agent-1']) {
    const answer = await best(`failure_type=by_severity&${context}${agent}`);
    expect(answer).toMatchObject({ strategy, based_on: basedOn });
  }
});

test.each([
  ['alike', 'Usual', 'agent', 'names the same strategy'],
  ['unlucky', 'Usual', 'failure_type', 'has too few results to contradict all failures'],
  ['unlike', 'Other', 'agent', 'has results that are sure enough to contradict all failures'],
  ['unknown', 'Usual', 'failure_type', 'has no results'],
])('the agent %s gets %s from the %s: it %s', async (agent, strategy, basedOn) => {
  const answer = await best(`failure_type=by_agent&agent_id=${agent}`);
  expect(answer).toMatchObject({ strategy, based_on: basedOn });
});
