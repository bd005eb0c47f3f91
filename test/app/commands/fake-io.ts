// A process for commands to run in: its output as text, its exporter and its network made up.
import type { CommandIo, RunningExporter } from '../../../src/app/commands/command.js';
import { runCommandLine } from '../../../src/app/commands/command-line.js';
import type { Config } from '../../../src/app/config/config.js';
import type { Delivery, Log } from '../../../src/core/ports.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeOptions extends Partial<Omit<CommandIo, 'stdout' | 'stderr'>> {
  readonly onStderr?: (text: string) => void;
}

export async function runCommand(words: readonly string[], fake: FakeOptions = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const io: CommandIo = {
    stderrIsTerminal: false,
    stdin: async function* () {},
    env: {},
    clock: { nowMs: () => Date.UTC(2026, 10, 23), monotonicMs: () => 0 },
    signal: new AbortController().signal,
    fetch: async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    },
    sleep: async () => undefined,
    openExporter: async () => {
      throw new Error('no exporter in this test');
    },
    checkStore: async () => {
      throw new Error('no store in this test');
    },
    ...fake,
    stdout: (text) => (stdout += text),
    stderr: (text) => {
      stderr += text;
      fake.onStderr?.(text);
    },
  };
  const code = await runCommandLine(words, io, '1.2.3');
  return { code, stdout, stderr };
}

export interface FakeExporter extends RunningExporter {
  /** What happened to it, in order. */
  readonly calls: string[];
  readonly deliveries: Delivery[];
}

export function fakeExporter(changes: Partial<RunningExporter> = {}): FakeExporter {
  const calls: string[] = [];
  const deliveries: Delivery[] = [];
  const base: RunningExporter = {
    intake: {
      offer: (delivery) => {
        deliveries.push(delivery);
        const accepted = Buffer.from(delivery.body).toString().split('\n').length - 1;
        delivery.settle({ accepted, duplicates: 0, rejected: [] });
      },
      countRefused: () => undefined,
    },
    listen: async () => ({ url: 'http://127.0.0.1:9464' }),
    report: async () => ({}),
    close: async () => undefined,
    failed: new Promise(() => undefined),
    ...changes,
  };
  return {
    calls,
    deliveries,
    intake: base.intake,
    failed: base.failed,
    listen: () => (calls.push('listen'), base.listen()),
    report: (query) => (calls.push(`report ${JSON.stringify(query)}`), base.report(query)),
    close: () => (calls.push('close'), base.close()),
  };
}

/** Hands out `exporter` and keeps what it was opened with. */
export function opening(exporter: RunningExporter) {
  const opened: { config: Config; log: Log }[] = [];
  const openExporter = async (config: Config, log: Log): Promise<RunningExporter> => {
    opened.push({ config, log });
    return exporter;
  };
  return { opened, openExporter };
}
