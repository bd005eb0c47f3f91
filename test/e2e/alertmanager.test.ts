/** What holds back what, by a real Alertmanager with the committed configuration. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../sources/pipeline-rig.js';
import { describeWith } from '../support/servers.js';
import { startAlertmanager, startReceiver, type Server } from './prometheus-rig.js';

const PATIENCE_MS = 30_000;
type Labels = Readonly<Record<string, string>>;
const answer = z.array(
  z.looseObject({
    labels: z.record(z.string(), z.string()),
    status: z.looseObject({ state: z.string() }),
  }),
);

describeWith(['alertmanager'], 'a real Alertmanager', (tools) => {
  const [folder, removeFolder] = temporaryFolder();
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let alertmanager: Server;

  beforeAll(async () => {
    receiver = await startReceiver();
    const given = { binary: tools.alertmanager, dir: join(folder, 'alertmanager') };
    alertmanager = await startAlertmanager(given, receiver.url);
  });

  afterAll(() => {
    alertmanager.stop();
    receiver.stop();
    removeFolder();
  });

  async function tell(alerts: readonly Labels[]): Promise<boolean> {
    const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    }).catch(() => undefined);
    return response?.status === 200;
  }

  /** Whether each of a job's alerts is held back, by the label that tells them apart. */
  async function heldBack(job: string, by: string): Promise<Record<string, boolean>> {
    const address = `${alertmanager.url}/api/v2/alerts?filter=job%3D${job}`;
    const alerts = answer.parse(await (await fetch(address)).json());
    return Object.fromEntries(
      alerts.map(({ labels, status }) => [labels[by] ?? '', status.state === 'suppressed']),
    );
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (Date.now() > endMs) throw new Error(`not in time\n${alertmanager.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  test(
    'what is critical holds back the warning of the same failure type and strategy, no other',
    async () => {
      const stuck = { alertname: 'SelfHealerIncidentStuck', job: 'a', failure_type: 'down' };
      const slow = { ...stuck, failure_type: 'slow' };
      await until(() =>
        tell([
          { ...stuck, severity: 'critical', it: 'critical' },
          { ...stuck, severity: 'warning', it: 'same' },
          { ...slow, severity: 'warning', it: 'other type' },
          { ...stuck, job: 'b', severity: 'warning', it: 'other job' },
        ]),
      );
      await until(async () => (await heldBack('a', 'it'))['same'] === true);
      expect(await heldBack('a', 'it')).toEqual({
        critical: false,
        same: true,
        'other type': false,
      });
      expect(await heldBack('b', 'it')).toEqual({ 'other job': false });
    },
    2 * PATIENCE_MS,
  );

  test(
    'an exporter that is down holds back the rest of its job, a silent source all but that',
    async () => {
      const of = (job: string, alertname: string, severity: string): Labels => ({
        alertname,
        job,
        severity,
      });
      await until(() =>
        tell([
          of('c', 'SelfHealerExporterDown', 'critical'),
          of('c', 'SelfHealerSourceSilent', 'warning'),
          of('c', 'SelfHealerFailureStorm', 'critical'),
          of('d', 'SelfHealerSourceSilent', 'warning'),
          of('d', 'SelfHealerStoreFailing', 'critical'),
        ]),
      );
      await until(async () => {
        const { SelfHealerSourceSilent, SelfHealerFailureStorm } = await heldBack('c', 'alertname');
        return SelfHealerSourceSilent === true && SelfHealerFailureStorm === true;
      });
      expect(await heldBack('c', 'alertname')).toEqual({
        SelfHealerExporterDown: false,
        SelfHealerSourceSilent: true,
        SelfHealerFailureStorm: true,
      });
      await until(
        async () => (await heldBack('d', 'alertname'))['SelfHealerStoreFailing'] === true,
      );
      expect(await heldBack('d', 'alertname')).toMatchObject({ SelfHealerSourceSilent: false });
    },
    2 * PATIENCE_MS,
  );

  test(
    'each severity arrives where it is routed to',
    async () => {
      for (const severity of ['critical', 'warning', 'info'] as const) {
        await until(() => tell([{ alertname: `Routed-${severity}`, job: 'e', severity }]));
      }
      const arrived = (path: string, text: string): boolean =>
        receiver.received.some((one) => one.path === path && one.body.includes(text));
      await until(() =>
        Promise.resolve(
          arrived('/pager', 'Routed-critical') &&
            arrived('/tickets', 'Routed-warning') &&
            arrived('/log', 'Routed-info'),
        ),
      );
      expect(arrived('/tickets', 'Routed-critical')).toBe(false);
    },
    2 * PATIENCE_MS,
  );
});
