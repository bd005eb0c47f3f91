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
    openExporter: async (config, log, options) => {
      const { openStore } = await import('../open-store.js');
      // Before the rest is loaded: a second process on the same data is to know it at once.
      const eventLog = await openStore(config);
      const { openExporter } = await import('../exporter.js');
      return openExporter(config, { log, eventLog, ...options });
    },
    checkStore: async (config) => {
      const { openStore } = await import('../open-store.js');
      const log = await openStore(config);
      try {
        return await log.check();
      } finally {
        await log.close();
      }
    },
  };
}
