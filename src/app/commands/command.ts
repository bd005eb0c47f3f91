/**
 * What a command is, and what it is handed: nothing in a command reaches for the process itself.
 */
import type { Clock, Intake, Log, StoreCheck } from '../../core/ports.js';
import type { Config } from '../config/config.js';

export interface Command {
  /** `config print`. */
  readonly name: string;
  /** One line of `--help`. */
  readonly summary: string;
  /** What stands behind the name: `FILE [options]`. */
  readonly usage: string;
  /** Paragraphs of the command's own `--help`. */
  readonly details: string;
  readonly options: readonly CommandOption[];
  /** Settings that it takes as flags. */
  readonly settings: 'all' | 'store' | 'none';
  /** How many operands it takes. */
  readonly operands: 0 | 1;
  /** Answers with the exit code. Throws ExporterError for what keeps it from doing its work. */
  readonly run: (input: CommandInput, io: CommandIo) => Promise<number>;
}

export interface CommandOption {
  /** `--range`. */
  readonly flag: string;
  /** `DURATION`. */
  readonly value: string;
  readonly help: string;
}

export interface CommandInput {
  /** By flag. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** Flags of the configuration, for `loadConfig`. */
  readonly settings: readonly string[];
}

export interface CommandIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stderrIsTerminal: boolean;
  readonly stdin: () => AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
  /** Resolves early when `signal` aborts. */
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly openExporter: (
    config: Config,
    log: Log,
    options?: OpenOptions,
  ) => Promise<RunningExporter>;
  /**
   * Opens the store without serving it. Rejects with ExporterError STORE_LOCKED while somebody else
   * has it.
   */
  readonly checkStore: (config: Config) => Promise<StoreCheck>;
}

export interface OpenOptions {
  /** False while a history is taken in, whose later parts may tell how it went on. */
  readonly expires: boolean;
}

/** What the commands need of an exporter. */
export interface RunningExporter {
  readonly intake: Intake;
  /** Opens the port. */
  listen(): Promise<{ readonly url: string }>;
  /** The report as the API answers it, of what has expired by now. Throws ExporterError INVALID_REQUEST. */
  report(query: ReportQuery): Promise<unknown>;
  /** Stops taking, finishes, makes everything durable. */
  close(): Promise<void>;
  /** Settles when it cannot go on by itself: with the reason. */
  readonly failed: Promise<Error>;
}

/**
 * As in the query string of `/api/v1/report`: `range`, `from`, `to`, `failure_type`, …
 */
export type ReportQuery = Readonly<Record<string, string>>;
