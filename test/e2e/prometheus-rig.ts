/** Real Prometheus and Alertmanager processes, and a place where notifications arrive. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort } from './exporter-process.js';

const committed = fileURLToPath(new URL('../../prometheus', import.meta.url));

export interface Server {
  readonly url: string;
  readonly log: () => string;
  readonly stop: () => void;
}

export interface Notification {
  /** `/pager`, `/tickets` or `/log`: the receiver; `/tickets/json` has the same with all labels. */
  readonly path: string;
  readonly body: string;
}

interface ServerOptions {
  readonly binary: string;
  readonly dir: string;
}

function start(binary: string, args: readonly string[], url: string): Server {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (part: Buffer) => (log += part.toString()));
  return { url, log: () => log, stop: () => child.kill('SIGKILL') };
}

/** Takes whatever it is sent and answers as Slack does. */
export async function startReceiver(): Promise<
  Server & { readonly received: readonly Notification[] }
> {
  const received: Notification[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body });
      response.end('ok');
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = (): void => void server.close();
  return { url: `http://127.0.0.1:${port}`, log: () => '', stop, received };
}

/** The committed configuration, with the placeholders of its receivers filled in and waits of seconds. */
export async function startAlertmanager(
  { binary, dir }: ServerOptions,
  receiverUrl: string,
): Promise<Server> {
  mkdirSync(dir, { recursive: true });
  const config = parse(readFileSync(join(committed, 'alertmanager.yml'), 'utf8'));
  config.templates = [join(committed, 'notifications.tmpl')];
  for (const route of [config.route, ...config.route.routes]) {
    Object.assign(route, { group_wait: '1s', group_interval: '1s', repeat_interval: '1h' });
  }
  for (const receiver of config.receivers) {
    const url = `${receiverUrl}/${receiver.name}`;
    for (const one of receiver.pagerduty_configs ?? []) one.url = url;
    for (const one of receiver.slack_configs ?? []) one.api_url = url;
    for (const one of receiver.webhook_configs ?? []) one.url = url;
    // Beside the text, which does not say from which server an alert came: its labels.
    const told = { url: `${url}/json`, send_resolved: true };
    receiver.webhook_configs = [...(receiver.webhook_configs ?? []), told];
  }
  const path = join(dir, 'alertmanager.yml');
  writeFileSync(path, stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${path}`, `--storage.path=${dir}/data`];
  args.push(`--web.listen-address=${address}`, '--cluster.listen-address=');
  return start(binary, args, `http://${address}`);
}

/** Scrapes and evaluates every second. `name` becomes the external label `prometheus`. */
export async function startPrometheus(
  { binary, dir }: ServerOptions,
  given: {
    readonly name: string;
    readonly flags: readonly string[];
    readonly rules: string;
    readonly exporter: string;
    readonly alertmanager: string;
  },
): Promise<Server> {
  mkdirSync(dir, { recursive: true });
  const config = parse(readFileSync(join(committed, 'prometheus.yml'), 'utf8'));
  config.global = {
    scrape_interval: '1s',
    scrape_timeout: '1s',
    evaluation_interval: '1s',
    external_labels: { prometheus: given.name },
  };
  config.alerting.alertmanagers = [
    { static_configs: [{ targets: [given.alertmanager.replace('http://', '')] }] },
  ];
  config.scrape_configs[0].static_configs = [{ targets: [given.exporter.replace('http://', '')] }];
  writeFileSync(join(dir, 'rules.yml'), given.rules);
  writeFileSync(join(dir, 'prometheus.yml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`];
  args.push(`--web.listen-address=${address}`, ...given.flags);
  return start(binary, args, `http://${address}`);
}

export interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** A native one has no single value. */
  readonly isHistogram: boolean;
}

interface QueryAnswer {
  readonly status: string;
  readonly error: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      /** Absent when the value is a native histogram. */
      readonly value?: readonly [number, string];
    }[];
  };
}

interface RulesAnswer {
  readonly data: { readonly groups: readonly { readonly rules: readonly RuleState[] }[] };
}

/** An instant query; nothing while the server does not answer. Throws what PromQL does not take. */
export async function query({ url }: Server, expression: string): Promise<Found[]> {
  const address = `${url}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const response = await fetch(address).catch(() => undefined);
  if (response === undefined) return [];
  if (response.status === 503) return [];
  const answer = (await response.json()) as QueryAnswer;
  if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
  return answer.data.result.map(({ metric, value }) => ({
    labels: metric,
    value: Number(value?.[1]),
    isHistogram: value === undefined,
  }));
}

export interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError: string | undefined;
}

export async function ruleStates({ url }: Server): Promise<RuleState[]> {
  const response = await fetch(`${url}/api/v1/rules`).catch(() => undefined);
  if (response?.status !== 200) return [];
  const { data } = (await response.json()) as RulesAnswer;
  return data.groups.flatMap(({ rules }) => rules);
}

/**
 * Seconds that each evaluation of each group took, by Prometheus' own account: of every group at least `evaluations`,
 * or as many as there are within the time.
 */
export async function groupDurations(
  { url }: Server,
  evaluations: number,
  patienceMs: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const taken = new Map<string, number[]>();
  const seen = new Map<string, number>();
  const endMs = Date.now() + patienceMs;
  while (Date.now() < endMs) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const last = ofGroups(text, 'last_duration_seconds');
    for (const [group, at] of ofGroups(text, 'last_evaluation_timestamp_seconds')) {
      if (!(at > 0) || seen.get(group) === at) continue;
      // What was evaluated before the first look is not among those that are counted.
      if (seen.has(group)) taken.set(group, [...(taken.get(group) ?? []), last.get(group) ?? NaN]);
      seen.set(group, at);
    }
    if (seen.size > 0 && [...seen.keys()].every((group) => enough(taken.get(group)))) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return new Map([...seen.keys()].map((group) => [group, taken.get(group) ?? []]));

  function enough(durations: readonly number[] = []): boolean {
    return durations.length >= evaluations;
  }
}

function ofGroups(text: string, what: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(
    new RegExp(`^prometheus_rule_group_${what}\\{rule_group="[^;]*;(.*)"\\} (\\S+)$`, 'gm'),
  );
  return new Map([...lines].map(([, group = '', value]) => [group, Number(value)]));
}
