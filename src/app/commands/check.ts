/**
 * `check`: whether the configuration is valid, the store whole and the server reachable, a sentence
 * for each.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isExporterError } from '../../core/errors.js';
import { alertsWithout } from '../../rules/alerts-without.js';
import { readConfig, type Config } from '../config/config.js';
import { describeProblem } from '../config/problem.js';
import { formatAddress } from '../config/units.js';
import { EXIT } from '../exit-codes.js';
import { createClient, describeAnswer, type Client } from './client.js';
import type { Command, CommandIo } from './command.js';
import { isStoragePath, URL_OPTION } from './place.js';

interface Finding {
  readonly ok: boolean;
  /** Nothing is wrong with it, but it may not be what is wanted. */
  readonly isWarning?: boolean;
  readonly text: string;
}

export const checkCommand: Command = {
  name: 'check',
  summary: 'check configuration, store and server',
  usage: '[--url URL | --storage.path DIR] [settings]',
  details:
    'Without --url and --storage.path: the configuration, its store, and whether its server\n' +
    'answers (one that does not run is no failure). With --url the server must answer and be\n' +
    'ready; with --storage.path the store is read, which no server may hold meanwhile. Exits\n' +
    'with 1 when a check failed.',
  options: [{ ...URL_OPTION, help: 'a running exporter, with user:password@ where it asks' }],
  settings: 'all',
  operands: 0,
  run: async ({ options, settings }, io) => {
    const url = options.get(URL_OPTION.flag);
    const wantsStore = settings.some(isStoragePath);
    const readFile = (path: string): string => readFileSync(path, 'utf8');
    const result = readConfig({ argv: settings, env: io.env, readFile });
    const findings: Finding[] = result.ok
      ? [{ ok: true, text: 'configuration: valid' }, ...blindAlerts(result.config)]
      : result.problems.map((problem) => ({
          ok: false,
          text: `configuration: ${describeProblem(problem)}`,
        }));

    const client = url === undefined ? undefined : createClient(url, io);
    if (client !== undefined) findings.push(await checkServer(client));
    else if (result.ok && wantsStore) findings.push(...(await checkStore(result.config, io)));
    else if (result.ok) findings.push(...(await checkBoth(result.config, io)));

    for (const { ok, isWarning = false, text } of findings) {
      const word = isWarning ? 'warn  ' : ok ? 'ok    ' : 'failed';
      io.stdout(`${word}  ${text.replace(/\p{Cc}/gu, '?')}\n`);
    }
    return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  },
};

function blindAlerts({ metrics }: Config): readonly Finding[] {
  const alerts = alertsWithout(metrics.control.disabled);
  if (alerts.length === 0) return [];
  const text = `rules: metrics.disable takes away what these alerts read: ${alerts.join(', ')}`;
  return [{ ok: true, isWarning: true, text }];
}

/** Undefined: nothing answers there. */
async function askServer(client: Client): Promise<Finding | undefined> {
  try {
    const answer = await client.request('/readyz');
    if (answer.status === 200) return { ok: true, text: `server: ${client.url} is ready` };
    const text = `server: ${client.url}/readyz: expected 200, got ${describeAnswer(answer)}`;
    return { ok: false, text };
  } catch (error) {
    if (isExporterError(error, 'SERVER_UNREACHABLE')) return undefined;
    throw error;
  }
}

async function checkServer(client: Client): Promise<Finding> {
  const unreachable = { ok: false, text: `server: nothing answers at ${client.url}` };
  return (await askServer(client)) ?? unreachable;
}

/**
 * As it is found: a server that runs holds the store, and one that does not leaves it to be read.
 */
async function checkBoth(config: Config, io: CommandIo): Promise<readonly Finding[]> {
  const client = createClient(localUrl(config), io);
  const server = await askServer(client);
  if (server === undefined) {
    const text = `server: none runs at ${client.url} (with --url it would have to)`;
    return [...(await checkStore(config, io)), { ok: true, text }];
  }
  const held =
    'store: in use by the running server; stop it and check again to read the store itself';
  return [{ ok: true, text: held }, server];
}

async function checkStore(config: Config, io: CommandIo): Promise<readonly Finding[]> {
  const { database } = config.storage;
  if (database === undefined || !existsSync(database)) {
    return [{ ok: true, text: `store: none yet at ${database ?? 'memory'}; serve makes it` }];
  }
  try {
    const { events, findings } = await io.checkStore(config);
    if (findings.length > 0) {
      return findings.map((finding) => ({ ok: false, text: `store: ${finding}` }));
    }
    return [{ ok: true, text: `store: ${database} is whole, ${events} events` }];
  } catch (error) {
    if (isExporterError(error)) return [{ ok: false, text: `store: ${error.message}` }];
    throw error;
  }
}

/** From this machine: an address that stands for all of them is reached through loopback. */
function localUrl({ web }: Config): string {
  const { host, port } = web.listen;
  const isEvery = host === undefined || host === '0.0.0.0' || host === '::';
  const address = formatAddress({ host: isEvery ? '127.0.0.1' : host, port });
  return `${web.access.tls === undefined ? 'http' : 'https'}://${address}`;
}
