/**
 * What evaluating the rules costs, by Prometheus' own account: 20 strategies × 20 failure types, and a week of
 * history under the recorded sums, so that every window is full. Limit: 50 ms a group.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DURATION_BUCKETS, RECOVERY_BUCKETS } from '../src/core/state/histogram.js';
import { DEFAULT_OPTIONS } from '../src/rules/options.js';
import { SUMS } from '../src/rules/recording/sums.js';
import { rulesFile } from '../src/rules/rules-file.js';
import { toolPath } from './support/tools.js';

const KINDS = 20;
const GROUP_SECONDS_MAX = 0.05;
/** Of the sums: what the rules record every 30 s. */
const STEP_SECONDS = 30;
const isShort = process.env['BENCH_SHORT'] === '1';
const HISTORY_SECONDS = (isShort ? 1 : 7) * 86_400;
/** Evaluations of each group, at least, whose median counts; the rarest runs every 2 minutes. */
const ROUNDS = isShort ? 1 : 3;
const ROUND_MS_MAX = isShort ? 65_000 : 120_000;

const names = (prefix: string): string[] =>
  Array.from({ length: KINDS }, (_, i) => `${prefix}${i}`);
const STRATEGIES = names('Strategy');
const FAILURE_TYPES = names('type_');

async function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-rules-'));
  const nowSeconds = Math.floor(Date.now() / 1000);
  await writeHistory(join(dir, 'history.txt'), nowSeconds - 120);
  // Without long blocks the file would be read once for every two hours in it.
  const build = ['tsdb', 'create-blocks-from', '--max-block-duration=192h', 'openmetrics'];
  execFileSync(toolPath('promtool'), [...build, join(dir, 'history.txt'), join(dir, 'data')]);

  const exporter = createServer((_, response) => response.end(exposition(Date.now() / 1000)));
  exporter.listen(0, '127.0.0.1');
  await once(exporter, 'listening');
  const address = exporter.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const file = rulesFile(DEFAULT_OPTIONS);
  writeFileSync(join(dir, 'rules.yml'), file.ok ? file.text : '');
  const target = `{ job_name: swarm, static_configs: [{ targets: ['127.0.0.1:${port}'], labels: { instance: a } }] }`;
  const config = `global: { scrape_interval: 15s }\nrule_files: [rules.yml]\nscrape_configs: [${target}]\n`;
  writeFileSync(join(dir, 'prometheus.yml'), config);

  const listen = '127.0.0.1:19190';
  const args = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`];
  args.push(`--web.listen-address=${listen}`, '--storage.tsdb.retention.time=30d');
  const prometheus = spawn(toolPath('prometheus'), args, { stdio: 'ignore' });
  try {
    report(await measure(`http://${listen}`));
  } finally {
    prometheus.kill('SIGKILL');
    exporter.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Of each group, how long each of its last evaluations took, seconds. */
async function measure(url: string): Promise<Map<string, number[]>> {
  const taken = new Map<string, number[]>();
  const seen = new Map<string, number>();
  const endMs = Date.now() + (ROUNDS + 2) * ROUND_MS_MAX;
  while (Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const text = await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    const values = (family: string): Map<string, number> =>
      new Map(
        [...text.matchAll(new RegExp(`^${family}\\{rule_group="[^;]*;(.*)"\\} (\\S+)$`, 'gm'))].map(
          ([, group = '', value]) => [group, Number(value)],
        ),
      );
    const last = values('prometheus_rule_group_last_duration_seconds');
    for (const [group, at] of values('prometheus_rule_group_last_evaluation_timestamp_seconds')) {
      if (!(at > 0) || seen.get(group) === at) continue;
      seen.set(group, at);
      taken.set(group, [...(taken.get(group) ?? []), last.get(group) ?? NaN]);
    }
    // The first evaluation finds nothing scraped.
    if (taken.size > 0 && [...taken.values()].every(({ length }) => length > ROUNDS)) break;
  }
  return taken;
}

function report(taken: ReadonlyMap<string, readonly number[]>): void {
  let worst = 0;
  for (const [group, all] of taken) {
    const sorted = all.slice(1).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
    worst = Math.max(worst, Number.isNaN(median) ? Infinity : median);
    const [shown, most] = [median, sorted.at(-1) ?? NaN].map((s) => (s * 1000).toFixed(1));
    console.log(
      `${group.padEnd(28)} median ${shown} ms of ${sorted.length} evaluations, at most ${most} ms`,
    );
  }
  console.log(
    JSON.stringify({ name: 'rules', worstGroupMedianMs: worst * 1000, groups: taken.size }),
  );
  if (taken.size === 0 || (worst > GROUP_SECONDS_MAX && !isShort)) process.exitCode = 1;
}

/** A week of what the first group records, so that longer windows have something to read. */
async function writeHistory(path: string, endSeconds: number): Promise<void> {
  const stream = createWriteStream(path);
  const startSeconds = endSeconds - HISTORY_SECONDS;
  const recorded = Object.values(SUMS).flatMap((name) => [name, `${name}_2m`]);
  for (const name of recorded) {
    const stepSeconds = name.endsWith('_2m') ? 4 * STEP_SECONDS : STEP_SECONDS;
    const byStrategy = name.startsWith('instance_strategy');
    const label = byStrategy ? 'strategy' : 'failure_type';
    stream.write(`# TYPE ${name} gauge\n`);
    for (const value of byStrategy ? STRATEGIES : FAILURE_TYPES) {
      const lines: string[] = [];
      for (let seconds = startSeconds; seconds < endSeconds; seconds += stepSeconds) {
        const counted =
          Math.floor(seconds / STEP_SECONDS) - Math.floor(startSeconds / STEP_SECONDS);
        lines.push(`${name}{job="swarm",instance="a",${label}="${value}"} ${counted} ${seconds}\n`);
      }
      if (!stream.write(lines.join(''))) await once(stream, 'drain');
    }
  }
  stream.end('# EOF\n');
  await once(stream, 'finish');
}

/** The series that the first group sums up, growing with time. */
function exposition(seconds: number): string {
  const total = Math.floor(seconds);
  const lines: string[] = [];
  const histogram = (name: string, labels: string, buckets: readonly number[]): void => {
    for (const le of [...buckets, '+Inf'])
      lines.push(`${name}_bucket{${labels},le="${le}"} ${total}`);
    lines.push(`${name}_sum{${labels}} ${total}`, `${name}_count{${labels}} ${total}`);
  };
  lines.push('selfhealer_exporter_build_info{version="0"} 1');
  for (const type of FAILURE_TYPES) {
    const own = `failure_type="${type}"`;
    lines.push(`selfhealer_failures_total{${own},severity="high"} ${total}`);
    histogram('selfhealer_incident_recovery_duration_seconds', own, RECOVERY_BUCKETS);
    for (const strategy of STRATEGIES) {
      for (const trigger of ['reactive', 'preventive']) {
        const labels = `strategy="${strategy}",${own},trigger="${trigger}"`;
        lines.push(`selfhealer_healing_attempts_total{${labels}} ${total}`);
        lines.push(`selfhealer_healing_failures_total{${labels}} ${Math.floor(total / 20)}`);
      }
    }
  }
  for (const strategy of STRATEGIES) {
    for (const outcome of ['succeeded', 'failed']) {
      const own = `strategy="${strategy}",outcome="${outcome}"`;
      histogram('selfhealer_healing_duration_seconds', own, DURATION_BUCKETS);
    }
  }
  return `${lines.join('\n')}\n`;
}

await run();
