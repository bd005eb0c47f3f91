/** `serve`: the exporter as a server, until it is asked to end. */
import { readFileSync } from 'node:fs';
import { ExporterError } from '../../core/errors.js';
import type { Log } from '../../core/ports.js';
import { alertsWithout } from '../../rules/alerts-without.js';
import { loadConfig } from '../config/config.js';
import { EXIT } from '../exit-codes.js';
import { createLog, resolveLogFormat } from '../log.js';
import type { Command, CommandIo, RunningExporter } from './command.js';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'run the exporter: take events, serve /metrics and reports',
  usage: '[settings]',
  details:
    'Every setting is a flag, an environment variable and a key of the YAML file\n' +
    '(--config.file); see docs/configuration.md. Ends with SIGTERM or SIGINT after everything\n' +
    'taken is on disk; a second signal ends it at once.',
  options: [],
  settings: 'all',
  operands: 0,
  run: async ({ settings }, io) => {
    const readFile = (path: string): string => readFileSync(path, 'utf8');
    const config = loadConfig({ argv: settings, env: io.env, readFile });
    const log = createLog({
      level: config.log.level,
      format: resolveLogFormat(config.log.format, io.stderrIsTerminal),
      write: io.stderr,
      now: () => io.clock.nowMs(),
    });
    const exporter = await io.openExporter(config, log);
    try {
      if (!io.signal.aborted) {
        const { url } = await exporter.listen();
        log('info', 'listening', {
          url,
          metrics: `${url}/metrics`,
          report: `${url}/api/v1/report`,
        });
        warnOfOpenDoors(config.web, log);
        warnOfBlindAlerts(config.metrics.control.disabled, log);
      }
      const failure = await Promise.race([aborted(io.signal), exporter.failed]);
      if (failure !== undefined) throw failure;
      log('info', 'stopping');
    } catch (error) {
      // What was taken is still to be kept; why it ends matters more than a second error while
      // closing.
      await closeInTime(exporter, io).catch(() => undefined);
      throw error;
    }
    await closeInTime(exporter, io);
    log('info', 'stopped');
    return EXIT.ok;
  },
};

/** Whoever stops the process waits ten seconds before it kills. */
const CLOSE_MS_MAX = 9000;

async function closeInTime(exporter: RunningExporter, { clock }: CommandIo): Promise<void> {
  const startedMs = clock.monotonicMs();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), CLOSE_MS_MAX);
  });
  const ended = await Promise.race([exporter.close(), late]);
  clearTimeout(timer);
  if (ended === undefined) return;
  const tookMs = Math.round(clock.monotonicMs() - startedMs);
  throw new ExporterError(
    'INTERNAL',
    `stopping: expected ${CLOSE_MS_MAX} ms at most, got ${tookMs} ms; nothing acknowledged is lost`,
  );
}

function warnOfOpenDoors(
  web: {
    readonly insecureNoAuth: boolean;
    readonly access: { readonly tls: unknown; readonly users: ReadonlyMap<string, string> };
  },
  log: Log,
): void {
  if (web.insecureNoAuth) {
    log(
      'warn',
      'web.insecure_no_auth is set: whoever reaches the port can post events and read reports',
    );
  }
  if (web.access.users.size > 0 && web.access.tls === undefined) {
    log('warn', 'passwords are asked for without TLS: they can be read on the way');
  }
}

/** Nobody looks for an alert that keeps quiet. */
function warnOfBlindAlerts(disabled: readonly string[], log: Log): void {
  const alerts = alertsWithout(disabled);
  if (alerts.length === 0) return;
  log('warn', 'metrics.disable takes away what these alerts read: they keep quiet', { alerts });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
