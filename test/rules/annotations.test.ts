/** What Prometheus makes of the annotations of every alert, whatever strategies and jobs are called. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeWith } from '../support/servers.js';
import { ALERT_CASES } from './alert-cases.js';

const run = promisify(execFile);
const rules = fileURLToPath(new URL('../../prometheus/rules.yml', import.meta.url));
/** Free text of healers, with what quotes and ends strings in PromQL, templates and addresses. */
const ODD = `Bob's "best" \\ & Co #1 %s {{`;
/** Values that nothing but the senders choose. */
const CHOSEN =
  /\b(job|instance|strategy|failure_type|resource|source|analysis)="(?!selfhealer)[^"]*"/g;

const dir = mkdtempSync(join(tmpdir(), 'annotations-'));
afterAll(() => rmSync(dir, { recursive: true }));

describeWith(['promtool'], 'annotations', ({ promtool }) => {
  /** Alerts as promtool tells those that it did not expect. */
  async function unexpected(tests: readonly unknown[]): Promise<string> {
    const path = join(dir, 'test.yml');
    writeFileSync(path, stringify({ rule_files: [rules], evaluation_interval: '30s', tests }));
    return run(promtool, ['test', 'rules', path]).then(
      ({ stdout }) => stdout,
      (error: unknown) => Object(error).stdout + Object(error).stderr,
    );
  }

  test('are those of the alert with odd names, too', async () => {
    const tests = ALERT_CASES.map(({ alert, fires, at }) => ({
      interval: '30s',
      input_series: Object.entries(fires).map(([series, values]) => ({
        series: series.replace(CHOSEN, (_, label) => `${label}=${JSON.stringify(ODD)}`),
        values,
      })),
      alert_rule_test: [{ alertname: alert, eval_time: at, exp_alerts: [] }],
    }));
    const told = await unexpected(tests);
    expect(told).not.toContain('error expanding');
    for (const { alert } of ALERT_CASES) expect(told).toContain(`alertname: ${alert}`);
    // Its share of failures is asked for by these names.
    expect(told).toMatch(/has fallen\. In the last hour \S+% of its attempts failed\./);
    expect(told).toMatch(/has fallen\. In the last hour it was not tried\./);
  }, 180_000);
});
