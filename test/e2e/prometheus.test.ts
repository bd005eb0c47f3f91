/**
 * As it runs for real: Prometheus scrapes the exporter while the demo healer works, a strategy wears out, and
 * somebody is told. Twice at once: without and with native histograms. Times of the rules are scaled down.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DASHBOARDS } from '../../src/rules/rule.js';
import { dashboardSchema } from '../grafana/lint.js';
import { temporaryFolder } from '../sources/pipeline-rig.js';
import { describeWith } from '../support/servers.js';
import { CLI, freePort } from './exporter-process.js';
import {
  groupDurations,
  query,
  ruleStates,
  startAlertmanager,
  startPrometheus,
  startReceiver,
  type Found,
  type Server,
} from './prometheus-rig.js';

const DEMO = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));
/** An hour becomes 50 s, three days an hour: five minutes hold four evaluations, a second apart. */
const SCALE = 1 / 72;
const WORN = 'WornOutStrategy';
/** Without and with native histograms. */
const SERVERS = ['classic', 'native'] as const;
const COUNTERS = ['failures', 'healing_attempts', 'healing_failures', 'incidents_resolved'];
/**
 * A restart or one slow scrape is not an exporter that is down: 2 minutes would be half a second here, and what that
 * holds back is never told to be over.
 */
const PENDING = 'SelfHealerExporterDown=2h,SelfHealerSourceSilent=2h';
/**
 * Evaluations of each group whose median is asserted. A rule runs every second here, in two servers, beside all else;
 * `npm run bench -- rules` takes the median over a week of history.
 */
const EVALUATIONS = 15;
const GROUP_SECONDS_MAX = 0.05;
const PATIENCE_MS = 120_000;
/** Of a test, which waits for several things. */
const TIMEOUT_MS = 3 * PATIENCE_MS;

describeWith(['prometheus', 'alertmanager'], 'a real Prometheus', (tools) => {
  const [folder, removeFolder] = temporaryFolder();
  const servers: Server[] = [];
  let prometheuses: readonly Server[] = [];
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let demo: ChildProcess | undefined;
  let url = '';
  /** Acknowledged attempts of the strategy. */
  let acknowledged = 0;

  function runDemo(): void {
    if (!existsSync(DEMO)) throw new Error(`${DEMO} is missing: npm run build makes it`);
    const address = url.replace('http://', '');
    const args = [DEMO, '--pace=3', `--listen-address=${address}`];
    demo = spawn(process.execPath, [...args, `--storage.path=${folder}/store`], {
      stdio: 'ignore',
    });
  }

  /**
   * Attempts of the strategy that wears out, as a healer of another process would tell them: again, under the same
   * ids, until they are acknowledged.
   */
  async function attempts(count: number, success: boolean): Promise<void> {
    const events = Array.from({ length: count }, (_, i) => ({
      specversion: '1.0',
      id: `worn-${acknowledged + i}`,
      source: '/e2e',
      type: 'selfhealer.healing.completed',
      time: new Date().toISOString(),
      data: {
        failure_id: `worn-${acknowledged + i}`,
        failure_type: 'agent_down',
        strategy_used: WORN,
        success,
        duration_ms: 20,
      },
    }));
    await until('attempts are acknowledged', async () => {
      const response = await post(events).catch(() => undefined);
      return response !== undefined && response.status < 300;
    });
    acknowledged += count;
  }

  /** With -9, while attempts are being told. Until both Prometheus servers have seen it gone and back. */
  async function killAndRestart(): Promise<void> {
    const ended = new Promise((resolve) => demo?.once('exit', resolve));
    const told = (async () => {
      for (let i = 0; i < 5; i += 1) await attempts(2, false);
    })();
    demo?.kill('SIGKILL');
    await ended;
    await untilBoth('up == 0', (found) => found.length === 1);
    runDemo();
    await Promise.all([told, untilBoth('up == 1', (found) => found.length === 1)]);
  }

  function post(events: readonly unknown[]): Promise<Response> {
    return fetch(`${url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
  }

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (Date.now() > endMs) {
        throw new Error(
          `${what}: not within ${PATIENCE_MS} ms\n${servers.map(({ log }) => log().slice(-1000)).join('\n')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Until both Prometheus servers answer so. */
  function untilBoth(
    expression: string,
    isSo: (found: readonly Found[]) => boolean,
  ): Promise<void> {
    return until(expression, async () => {
      const answers = await Promise.all(prometheuses.map((one) => query(one, expression)));
      return answers.every(isSo);
    });
  }

  beforeAll(async () => {
    url = `http://127.0.0.1:${await freePort()}`;
    runDemo();
    receiver = await startReceiver();
    const alertmanager = await startAlertmanager(
      { binary: tools.alertmanager, dir: join(folder, 'alertmanager') },
      receiver.url,
    );
    servers.push(receiver, alertmanager);
    const rules = execFileSync(process.execPath, [
      CLI,
      'rules',
      `--time-scale=${SCALE}`,
      `--for=${PENDING}`,
    ]).toString();
    const given = { rules, exporter: url, alertmanager: alertmanager.url };
    prometheuses = await Promise.all(
      [
        { name: SERVERS[0], flags: [] },
        { name: SERVERS[1], flags: ['--enable-feature=native-histograms'] },
      ].map(({ name, flags }) =>
        startPrometheus(
          { binary: tools.prometheus, dir: join(folder, name) },
          { ...given, name, flags },
        ),
      ),
    );
    servers.push(...prometheuses);
    await until('the exporter is ready', async () => {
      return (await fetch(`${url}/readyz`).catch(() => undefined))?.status === 200;
    });
  });

  afterAll(() => {
    demo?.kill('SIGTERM');
    for (const server of servers) server.stop();
    removeFolder();
  });

  test(
    'evaluates every rule, quickly at 20 strategies and 20 failure types',
    async () => {
      await attempts(150, true);
      const strategies = Array.from({ length: 20 }, (_, i) => `Strategy${i}`);
      const events = strategies.flatMap((strategy_used) =>
        strategies.map((_, i) => ({
          specversion: '1.0',
          id: `${strategy_used}-${i}`,
          source: '/e2e',
          type: 'selfhealer.healing.completed',
          time: new Date().toISOString(),
          data: {
            failure_id: `${strategy_used}-${i}`,
            failure_type: `type_${i}`,
            strategy_used,
            success: true,
            duration_ms: 20,
          },
        })),
      );
      expect((await post(events)).status).toBeLessThan(300);
      await untilBoth(
        'count(selfhealer_healing_attempts_total) >= 400',
        (found) => found.length === 1,
      );
      for (const prometheus of prometheuses) {
        await until('every rule is evaluated without an error', async () => {
          const rules = await ruleStates(prometheus);
          expect(rules.filter(({ lastError }) => lastError)).toEqual([]);
          return rules.length > 100 && rules.every(({ health }) => health === 'ok');
        });
      }
      const taken = await Promise.all(
        prometheuses.map((one) => groupDurations(one, EVALUATIONS, PATIENCE_MS)),
      );
      for (const [group, durations] of taken.flatMap((one) => [...one])) {
        expect(durations.length, group).toBeGreaterThanOrEqual(EVALUATIONS);
        expect(median(durations), `${group}: seconds`).toBeLessThan(GROUP_SECONDS_MAX);
      }
    },
    TIMEOUT_MS,
  );

  test('answers over durations from classic buckets and from native histograms', async () => {
    // The demo's healer recovers within seconds; a window of an hour is 50 s here.
    await until('the second one stores native histograms', async () => {
      const native = 'histogram_count(selfhealer_incident_recovery_duration_seconds)';
      return prometheuses[1] !== undefined && (await query(prometheuses[1], native)).length > 0;
    });
    await untilBoth(
      'job:selfhealer_incident_recovery_duration_seconds:mean1h',
      (found) => found.length === 1,
    );
    await untilBoth(
      'job:selfhealer_incident_recovery_duration_seconds:p95_1h > 0',
      (found) => found.length === 1,
    );
  });

  test(
    'tells somebody that a strategy wears out, and when it works again; a kill of the exporter in between loses nothing',
    async () => {
      const text = (path: string): string =>
        receiver.received
          .filter((one) => one.path === path)
          .map(({ body }) => body)
          .join('\n');
      /** By the Prometheus of that name, with the share of what failed. */
      const isTold = async (server: string, status: string): Promise<boolean> =>
        receiver.received
          .filter(({ path }) => path === '/tickets/json')
          .flatMap(({ body }) => told.parse(JSON.parse(body)).alerts)
          .some(
            (one) =>
              one.status === status &&
              one.labels['alertname'] === 'SelfHealerStrategyDegrading' &&
              one.labels['strategy'] === WORN &&
              one.labels['prometheus'] === server &&
              /In the last hour [1-9][\d.]*% of/.test(one.annotations['description'] ?? ''),
          );
      const sentence = `${WORN} heals less often than it used to.`;
      const alerts = `ALERTS{alertname="SelfHealerStrategyDegrading",strategy="${WORN}"`;
      const counted = `sum(selfhealer_healing_attempts_total{strategy="${WORN}"})`;
      // The attempts of the beginning have become the baseline.
      await untilBoth(
        `job_strategy:selfhealer_healing_attempts:increase1h{strategy="${WORN}"} < 20`,
        (found) => found.length === 1,
      );
      await attempts(40, false);
      await untilBoth(`${alerts}}`, (found) => found.length > 0);
      await killAndRestart();
      // What was acknowledged before the kill is there, and what came during it is there once.
      await untilBoth(counted, (found) => found[0]?.value === acknowledged);
      await untilBoth(`${alerts},alertstate="firing"}`, (found) => found.length === 1);
      // It was pending before, `for` so long.
      await untilBoth(
        `count_over_time(${alerts},alertstate="pending"}[5m])`,
        (found) => found.length === 1,
      );
      for (const server of SERVERS) {
        await until(`the ticket queue is told by ${server}`, () => isTold(server, 'firing'));
      }
      await until('the ticket queue is told', async () => text('/tickets').includes(sentence));
      const body = text('/tickets');
      expect(body).toMatch(
        /How bad: The success rate of WornOutStrategy in selfhealer has fallen\. In the last hour [1-9][\d.]*% of its attempts failed\./,
      );
      expect(body).toMatch(/Since: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
      expect(body).toMatch(
        /What to do: Undo what changed.+ More: docs\/runbooks.md#selfhealerstrategydegrading/,
      );
      expect(body).toContain(`/d/selfhealer-strategies?var-strategy=${WORN}`);

      // It is repaired: the gauge needs enough successes to be sure of it.
      await until('the alert is over', async () => {
        await attempts(20, true);
        const answers = await Promise.all(
          prometheuses.map((one) => query(one, `${alerts},alertstate="firing"}`)),
        );
        return answers.every((found) => found.length === 0);
      });
      for (const server of SERVERS) {
        await until(`${server} tells that it is over`, () => isTold(server, 'resolved'));
      }
      await until('the ticket queue is told that it is over', async () => {
        return text('/tickets').includes(`Resolved: ${sentence}`);
      });
      const state = `sum by (strategy) (job_strategy:selfhealer_strategy_trend:fleet{strategy="${WORN}"})`;
      await untilBoth(state, (found) => found[0]?.value === 1);

      await untilBoth(counted, (found) => found[0]?.value === acknowledged);
      for (const counter of COUNTERS) {
        const resets = `sum(resets(selfhealer_${counter}_total[10m]))`;
        await untilBoth(resets, (found) => found[0]?.value === 0);
      }
    },
    2 * TIMEOUT_MS,
  );

  test(
    'answers every expression of the dashboards with data',
    async () => {
      const expressions = dashboardExpressions();
      expect(expressions.length).toBeGreaterThan(50);
      for (const prometheus of prometheuses) {
        let silent = expressions;
        await until('every panel has data', async () => {
          // What comes and goes, as open incidents do. NaN is not a number, and no data either.
          const lately = (one: string): string => `count_over_time(((${one}) >= -Inf)[2m:1s])`;
          const ask = async (one: string): Promise<boolean> =>
            (await query(prometheus, one)).some(isData) ||
            (await query(prometheus, lately(one))).some(isData);
          const answered = await Promise.all(silent.map(ask));
          silent = silent.filter((_, i) => answered[i] === false);
          return silent.length === 0;
        }).catch((error: unknown) => {
          throw new Error(`no data:\n${silent.join('\n\n')}`, { cause: error });
        });
      }
    },
    TIMEOUT_MS,
  );
});

const words = z.record(z.string(), z.string());
const told = z.object({
  alerts: z.array(z.object({ status: z.string(), labels: words, annotations: words })),
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function isData({ value, isHistogram }: Found): boolean {
  return isHistogram || !Number.isNaN(value);
}

/** What the panels ask, with the variables filled in as Grafana would for all of everything. */
function dashboardExpressions(): string[] {
  return DASHBOARDS.flatMap((name) => {
    const path = fileURLToPath(
      new URL(`../../grafana/dashboards/selfhealer-${name}.json`, import.meta.url),
    );
    const { panels } = dashboardSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  }).map((expr) =>
    expr
      .replace(/\$(job|instance|strategy)\b/g, '.*')
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$__range', '10m')
      .replaceAll('[7d:5m]', '[2m:1s]')
      .replaceAll('[5m]', '[15s]'),
  );
}
