/**
 * `import`: events and bare healing results from a file, oldest first, to a running exporter or
 * into a store.
 */
import { describeValue } from '../../core/decode/describe.js';
import { EVENT_BYTES_MAX } from '../../core/decode/limits.js';
import { healingResultToCloudEvent, isBareHealingResult } from '../../sources/healing-result.js';
import { isIdentifier } from '../../core/decode/identifier.js';
import { EXIT } from '../exit-codes.js';
import { usage } from './arguments.js';
import { parseJson } from './client.js';
import type { Command, CommandIo } from './command.js';
import { openHistoryFile, type HistoryFile, type HistoryItem } from './history-file.js';
import { openSink, type Batch, type Sink } from './import-sink.js';
import { placeOf, URL_OPTION } from './place.js';

const BATCH_ITEMS_MAX = 1000;
/** Half of what a request may have. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** A file of nothing but mistakes should not bury the sums. */
const SHOWN_REJECTIONS_MAX = 1000;
const LINE_FEED = Buffer.from('\n');

export const importCommand: Command = {
  name: 'import',
  summary: 'take in a history: CloudEvents or bare HealingResults, one on each line',
  usage: 'FILE [--source SOURCE] [--url URL | --storage.path DIR]',
  details:
    'FILE is NDJSON or a JSON array, - is standard input. Events are taken oldest first. A\n' +
    'bare HealingResult (dataclasses.asdict) gets an id from its failure_id, strategy and\n' +
    'time, so importing it again changes nothing. Exits with 65 when something was rejected;\n' +
    'the rest is taken.',
  options: [
    URL_OPTION,
    { flag: '--source', value: 'SOURCE', help: 'the source of lines that are bare HealingResults' },
  ],
  settings: 'store',
  operands: 1,
  run: async (input, io) => {
    const source = input.options.get('--source');
    if (source !== undefined && !isIdentifier(source)) {
      throw usage(
        importCommand,
        `--source: expected a name such as /swarms/alpha, got ${describeValue(source)}`,
      );
    }
    const place = placeOf(importCommand, input, io);
    const [path = '-'] = input.operands;
    const file = await openHistoryFile(path, io.stdin);
    try {
      if (file.firstBare !== undefined && source === undefined) {
        const where = `${file.unit} ${file.firstBare}`;
        throw usage(importCommand, `${where} is a bare HealingResult: expected --source, got none`);
      }
      const sink = await openSink(place, io);
      try {
        return await send({ file, source: source ?? '', sink, io });
      } finally {
        await sink.close();
      }
    } finally {
      file.close();
    }
  },
};

interface Sending {
  readonly file: HistoryFile;
  readonly source: string;
  readonly sink: Sink;
  readonly io: CommandIo;
}

async function send({ file, source, sink, io }: Sending): Promise<number> {
  const tally = new Tally(file.unit, io);
  try {
    for (const batch of batches(file, source, tally)) {
      if (io.signal.aborted) break;
      const settled = await sink.send(batch);
      if (settled === 'interrupted') break;
      tally.add(batch, settled);
    }
  } finally {
    tally.print();
  }
  if (io.signal.aborted) return EXIT.interrupted;
  return tally.rejected > 0 ? EXIT.data : EXIT.ok;
}

function* batches(file: HistoryFile, source: string, tally: Tally): Iterable<Batch> {
  let numbers: number[] = [];
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const item of file.items()) {
    const line = toLine(item, source);
    if ('code' in line) {
      tally.reject(item.number, line.code, line.message);
      continue;
    }
    if (numbers.length === BATCH_ITEMS_MAX || size + line.bytes.length > BATCH_BYTES_MAX) {
      yield { numbers, lines: Buffer.concat(parts) };
      numbers = [];
      parts = [];
      size = 0;
    }
    numbers.push(item.number);
    parts.push(line.bytes, LINE_FEED);
    size += line.bytes.length + 1;
  }
  if (numbers.length > 0) yield { numbers, lines: Buffer.concat(parts) };
}

type Line = { readonly bytes: Uint8Array } | { readonly code: string; readonly message: string };

/**
 * Only what never could be an event is judged here: the exporter judges the rest, as it judges
 * everything.
 */
function toLine({ bytes }: HistoryItem, source: string): Line {
  if (bytes === undefined) {
    const message = `event: expected at most ${EVENT_BYTES_MAX} bytes, got more`;
    return { code: 'event_too_large', message };
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const value = parseJson(text);
  if (!isBareHealingResult(value)) return { bytes };
  const converted = healingResultToCloudEvent(value, source);
  return converted.ok ? { bytes: Buffer.from(JSON.stringify(converted.event)) } : converted;
}

/** What became of everything, with the numbers of what was rejected. */
class Tally {
  rejected = 0;
  #accepted = 0;
  #duplicates = 0;
  readonly #unit: string;
  readonly #io: CommandIo;

  constructor(unit: string, io: CommandIo) {
    this.#unit = unit;
    this.#io = io;
  }

  add(batch: Batch, settled: Exclude<Awaited<ReturnType<Sink['send']>>, 'interrupted'>): void {
    this.#accepted += settled.accepted;
    this.#duplicates += settled.duplicates;
    for (const { index, code, message } of settled.rejected) {
      this.reject(batch.numbers[index] ?? 0, code, message);
    }
  }

  reject(number: number, code: string, message: string): void {
    this.rejected += 1;
    if (this.rejected > SHOWN_REJECTIONS_MAX) return;
    const shown = `${this.#unit} ${number}: ${code}: ${message}`.replace(/\p{Cc}/gu, '?');
    this.#io.stderr(`${shown}\n`);
  }

  print(): void {
    const hidden = this.rejected - SHOWN_REJECTIONS_MAX;
    if (hidden > 0) this.#io.stderr(`and ${hidden} more\n`);
    this.#io.stdout(
      `accepted ${this.#accepted}, duplicates ${this.#duplicates}, rejected ${this.rejected}\n`,
    );
  }
}
