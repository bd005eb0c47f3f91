/**
 * Where an import goes: by HTTP to a running exporter, or into a store that is opened for it. Both
 * try again.
 */
import { z } from 'zod';
import { ExporterError, isExporterError } from '../../core/errors.js';
import type { Refusal, Settled } from '../../core/ports.js';
import { describeAnswer, parseJson, type Answer, type Client } from './client.js';
import type { CommandIo, RunningExporter } from './command.js';
import { type Place } from './place.js';

export interface Batch {
  /** Of each item, its line in the file. */
  readonly numbers: readonly number[];
  /** NDJSON. */
  readonly lines: Uint8Array;
}

/** `Settled`, with codes as text: a newer server may know more of them. */
export type BatchSettled = z.output<typeof settledSchema>;

export interface Sink {
  /**
   * Resolves when the batch is on disk, with what became of it. Sending again is safe, so it waits
   * and tries again while that may help. Throws ExporterError SERVER_UNREACHABLE or STORE_FULL when
   * it does not.
   */
  send(batch: Batch): Promise<BatchSettled | 'interrupted'>;
  close(): Promise<void>;
}

/** One batch is tried this often: with the waits below for three to four minutes. */
const ATTEMPTS_MAX = 12;
const FIRST_WAIT_MS = 500;
const WAIT_MS_MAX = 30_000;
const ASKED_MS_MAX = 5 * 60_000;

const settledSchema = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  rejected: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
});

export async function openSink(place: Place, io: CommandIo): Promise<Sink> {
  if (place.kind === 'store') {
    const exporter = await io.openExporter(place.config, place.log, { expires: false });
    return {
      send: (batch) => persist(() => offer(exporter, batch), 'STORE_FULL', io),
      close: () => exporter.close(),
    };
  }
  const { client } = place;
  let hasAnswered = false;
  return {
    send: (batch) => {
      return persist(
        async () => {
          const result = await post(client, batch, hasAnswered);
          hasAnswered = true;
          return result;
        },
        'SERVER_UNREACHABLE',
        io,
      );
    },
    close: async () => undefined,
  };
}

type Attempt =
  | { readonly kind: 'settled'; readonly settled: BatchSettled }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | undefined };

async function persist(
  attempt: () => Promise<Attempt>,
  code: 'STORE_FULL' | 'SERVER_UNREACHABLE',
  io: CommandIo,
): Promise<BatchSettled | 'interrupted'> {
  let why = '';
  for (let count = 0; count < ATTEMPTS_MAX; count++) {
    if (io.signal.aborted) return 'interrupted';
    const result = await attempt();
    if (result.kind === 'settled') return result.settled;
    why = result.why;
    // Never sooner than the other side asks for, unless that looks like a mistake.
    const growingMs = Math.min(FIRST_WAIT_MS * 2 ** count, WAIT_MS_MAX);
    const askedMs = Math.min(result.afterMs ?? 0, ASKED_MS_MAX);
    await io.sleep(Math.max(growingMs, askedMs));
  }
  if (io.signal.aborted) return 'interrupted';
  throw new ExporterError(code, `gave up after ${ATTEMPTS_MAX} attempts: ${why}`);
}

/** A server that never answered is not there; one that has will be back. */
async function post(client: Client, { lines }: Batch, hasAnswered: boolean): Promise<Attempt> {
  let answer: Answer;
  try {
    answer = await client.request('/api/v1/events', { lines });
  } catch (error) {
    if (!hasAnswered || !isExporterError(error, 'SERVER_UNREACHABLE')) throw error;
    return { kind: 'later', why: error.message, afterMs: undefined };
  }
  // 400 with the same body: every item was rejected.
  const body = settledSchema.safeParse(parseJson(answer.text));
  if ((answer.status === 200 || answer.status === 400) && body.success) {
    return { kind: 'settled', settled: body.data };
  }
  const why = `${client.url}: expected the events to be taken, got ${describeAnswer(answer)}`;
  if (![408, 429, 503].includes(answer.status)) throw new ExporterError('SERVER_UNREACHABLE', why);
  return { kind: 'later', why, afterMs: answer.retryAfterMs };
}

function offer(exporter: RunningExporter, { lines }: Batch): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    exporter.intake.offer({
      input: 'import',
      body: lines,
      shape: 'lines',
      settle: ({ accepted, duplicates, rejected }: Settled) => {
        resolve({ kind: 'settled', settled: { accepted, duplicates, rejected: [...rejected] } });
      },
      refuse: ({ code, message, retryAfterSeconds }: Refusal) => {
        const why = `${code}: ${message}`;
        if (retryAfterSeconds === undefined) reject(new ExporterError('STORE_FAILED', why));
        else resolve({ kind: 'later', why, afterMs: retryAfterSeconds * 1000 });
      },
    });
  });
}
