/** What Prometheus makes of the annotations of every alert, whatever strategies and jobs are called. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeWith } from '../support/servers.js';
import { ALERT_CASES, type AlertCase } from './alert-cases.js';
import { neededRules } from './needed-rules.js';

const run = promisify(execFile);
/** Free text of healers, with what quotes and ends strings in PromQL, templates and addresses. */
const ODD = `Bob's "best" \\ & Co #1 %s {{`;
/** Values that nothing but the senders choose. */
const CHOSEN =
  /\b(job|instance|strategy|failure_type|resource|source|analysis)="(?!selfhealer)[^"]*"/g;

const dir = mkdtempSync(join(tmpdir(), 'annotations-'));
afterAll(() => rmSync(dir, { recursive: true }));

describeWith(['promtool'], 'annotations', ({ promtool }) => {
  /** The alert as promtool tells it, which did not expect it. */
  async function unexpected({ alert, fires, at }: AlertCase, place: number): Promise<string> {
    const rules = join(dir, `${place}-rules.yml`);
    writeFileSync(rules, neededRules([alert]));
    const test = {
      interval: '30s',
      input_series: Object.entries(fires).map(([series, values]) => ({
        series: series.replace(CHOSEN, (_, label) => `${label}=${JSON.stringify(ODD)}`),
        values,
      })),
      alert_rule_test: [{ alertname: alert, eval_time: at, exp_alerts: [] }],
    };
    const path = join(dir, `${place}.yml`);
    const file = { rule_files: [rules], evaluation_interval: '30s', tests: [test] };
    writeFileSync(path, stringify(file));
    return run(promtool, ['test', 'rules', path]).then(
      ({ stdout }) => stdout,
      (error: unknown) => Object(error).stdout + Object(error).stderr,
    );
  }

  test('are those of the alert with odd names, too', async () => {
    const told: string[] = [];
    const left = [...ALERT_CASES.entries()];
    const inTurn = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [place, one] = next;
        const text = await unexpected(one, place);
        expect(text).not.toContain('error expanding');
        expect(text).toContain(`alertname: ${one.alert}`);
        told.push(text);
      }
    };
    await Promise.all([inTurn(), inTurn()]);
    // Its share of failures is asked for by these names.
    const all = told.join('');
    expect(all).toMatch(/has fallen\. In the last hour \S+% of its attempts failed\./);
    expect(all).toMatch(/has fallen\. In the last hour it was not tried\./);
  }, 180_000);
});
