/**
 * The real process for the commands: its streams, its signals, its clock, and the exporter itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandIo } from './command.js';

/**
 * `signal` aborts when the process is asked to end. The exporter and the store are loaded when a
 * command needs them, so that `--help` and `config print` answer at once.
 */
export function processIo(signal: AbortSignal): CommandIo {
  const { stdout, stderr, env } = process;
  return {
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    stderrIsTerminal: stderr.isTTY,
    stdin: () => process.stdin,
    env,
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    signal,
    fetch: globalThis.fetch,
    sleep: async (durationMs) => {
      await sleep(durationMs, undefined, { signal }).catch(() => undefined);
    },
    openExporter: async (config, log) => {
      const { openExporter } = await import('../exporter.js');
      return openExporter(config, { log });
    },
    checkStore: async ({ storage }) => {
      const { openEventLog } = await import('../../store/event-log.js');
      const log = await openEventLog({ path: storage.database ?? ':memory:' });
      try {
        return await log.check();
      } finally {
        await log.close();
      }
    },
  };
}
