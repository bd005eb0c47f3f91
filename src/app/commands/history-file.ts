/**
 * A file of events for `import`: found line by line, put into the order of their times, and read
 * again in that order. Only where each line is stands in memory, about 30 bytes for each.
 */
import {
  closeSync,
  createReadStream,
  statSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExporterError } from '../../core/errors.js';
import { parseTime } from '../../core/decode/time.js';
import { isBareHealingResult } from '../../sources/healing-result.js';

export interface HistoryFile {
  /** What the numbers count: lines of NDJSON or items of an array, both from 1. */
  readonly unit: 'line' | 'item';
  /** The first one without an envelope; undefined when all have theirs. */
  readonly firstBare: number | undefined;
  /** Oldest first; those without a time last, as they take the time of their receipt. */
  items(): Iterable<HistoryItem>;
  close(): void;
}

export interface HistoryItem {
  readonly number: number;
  /** Undefined: longer than any event may be, so it was not read. */
  readonly bytes: Uint8Array | undefined;
}

const CHUNK_BYTES = 1 << 20;
/** Sixteen times what an event may have: white space is not counted against it here. */
const LINE_BYTES_MAX = 1 << 20;
const LINE_FEED = 0x0a;
/** What one string of JavaScript can hold, and a good deal more than one array should. */
const ARRAY_BYTES_MAX = 256 * 1024 * 1024;
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * `-` is what `stdin` gives. Throws ExporterError USAGE when the file cannot be opened or is an
 * array that is not JSON.
 */
export async function openHistoryFile(
  path: string,
  stdin: () => AsyncIterable<Uint8Array>,
): Promise<HistoryFile> {
  if (path === '-') return spool(stdin());
  // Opening a pipe waits for its writer, so what it is has to be known first.
  const stats = readable(() => statSync(path));
  if (stats.isFile()) return readHistoryFile(openForReading(path));
  if (stats.isDirectory()) {
    throw new ExporterError('USAGE', `import: expected a file, got the folder ${path}`);
  }
  // Such as the shell's <(zcat history.gz).
  return spool(createReadStream(path));
}

function readHistoryFile(file: number): HistoryFile {
  try {
    const start = startOf(file);
    if (start.isArray) return arrayFile(file, start.offset);
    return linesFile(file, start.offset, { unit: 'line', remove: () => undefined });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** A pipe cannot be read twice: what comes is put into a file that goes with the import. */
async function spool(chunks: AsyncIterable<Uint8Array>): Promise<HistoryFile> {
  const { path, write, finish, remove } = temporaryFile();
  try {
    for await (const chunk of chunks) write(chunk);
    finish();
    const history = readHistoryFile(openForReading(path));
    return { ...history, close: () => (history.close(), remove()) };
  } catch (error) {
    remove();
    throw error;
  }
}

interface Ending {
  readonly unit: 'line' | 'item';
  readonly remove: () => void;
}

function linesFile(file: number, offset: number, { unit, remove }: Ending): HistoryFile {
  const offsets: number[] = [];
  const lengths: number[] = [];
  const numbers: number[] = [];
  const times: number[] = [];
  let firstBare: number | undefined;
  for (const line of scanLines(file, offset)) {
    if (line.bytes !== undefined && isBlank(line.bytes)) continue;
    const value = line.bytes === undefined ? undefined : parse(line.bytes);
    offsets.push(line.offset);
    lengths.push(line.bytes?.length ?? -1);
    numbers.push(line.number);
    times.push(effectiveTime(value) ?? Infinity);
    if (isBareHealingResult(value)) firstBare ??= line.number;
  }
  const order = Float64Array.from(numbers.keys());
  order.sort((a, b) => {
    const first = times[a] ?? 0;
    const second = times[b] ?? 0;
    return first === second ? a - b : first < second ? -1 : 1;
  });
  return {
    unit,
    firstBare,
    items: function* () {
      const window = new Window(file);
      for (const i of order) {
        const length = lengths[i] ?? -1;
        const bytes = length < 0 ? undefined : window.read(offsets[i] ?? 0, length);
        yield { number: numbers[i] ?? 0, bytes };
      }
    },
    close: () => {
      closeSync(file);
      remove();
    },
  };
}

/** An array becomes a file with an item on each line. */
function arrayFile(file: number, offset: number): HistoryFile {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const chunk of readChunks(file, offset)) {
    size += chunk.length;
    if (size > ARRAY_BYTES_MAX) {
      const wanted = `expected an array of at most ${ARRAY_BYTES_MAX} bytes, got more`;
      throw new ExporterError('USAGE', `import: ${wanted}; write one event on each line instead`);
    }
    parts.push(Buffer.from(chunk));
  }
  const items = parse(Buffer.concat(parts));
  if (!Array.isArray(items)) {
    throw new ExporterError(
      'USAGE',
      'import: expected a JSON array or an object on each line, got an array that is not JSON',
    );
  }
  const { path, write, finish, remove } = temporaryFile();
  try {
    for (const item of items) write(Buffer.from(`${JSON.stringify(item)}\n`));
    finish();
    const lines = openForReading(path);
    closeSync(file);
    return linesFile(lines, 0, { unit: 'item', remove });
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Reads neighbours together where lines follow each other, and only the line itself where they do
 * not.
 */
class Window {
  readonly #file: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** A copy. */
  read(offset: number, length: number): Uint8Array {
    const end = this.#offset + this.#bytes.length;
    if (offset < this.#offset || offset + length > end) {
      const goesOn = offset >= this.#offset && offset - end < CHUNK_BYTES;
      this.#bytes = readAt(this.#file, offset, goesOn ? Math.max(length, CHUNK_BYTES) : length);
      this.#offset = offset;
    }
    return this.#bytes.slice(offset - this.#offset, offset - this.#offset + length);
  }
}

interface Line {
  readonly number: number;
  readonly offset: number;
  /** Without the line feed. Undefined: too long. */
  readonly bytes: Uint8Array | undefined;
}

function* scanLines(file: number, start: number): Iterable<Line> {
  let number = 1;
  let offset = start;
  /** Of the line that goes on in the next chunk. */
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length <= LINE_BYTES_MAX) parts.push(Buffer.from(part));
    else parts = [];
  };
  const line = (): Line => {
    const bytes = length > LINE_BYTES_MAX ? undefined : Buffer.concat(parts);
    return { number, offset, bytes };
  };
  for (const chunk of readChunks(file, start)) {
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      take(chunk.subarray(at, end));
      yield line();
      offset += length + 1;
      number += 1;
      parts = [];
      length = 0;
      at = end + 1;
    }
    take(chunk.subarray(at));
  }
  if (length > 0) yield line();
}

/** Each chunk is valid until the next is asked for. */
function* readChunks(file: number, start: number): Iterable<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let offset = start; ;) {
    const count = readSync(file, buffer, 0, CHUNK_BYTES, offset);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    offset += count;
  }
}

function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let count = 0;
  while (count < length) {
    const more = readSync(file, bytes, count, length - count, offset + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}

/** Behind a byte order mark, and whether the first thing there is an array. */
function startOf(file: number): { readonly offset: number; readonly isArray: boolean } {
  const head = Buffer.from(readAt(file, 0, 4096));
  const hasMark = head.subarray(0, BYTE_ORDER_MARK_BYTES).equals(Buffer.from('\ufeff'));
  const text = head.toString('utf8').replace('\ufeff', '').trimStart();
  return { offset: hasMark ? BYTE_ORDER_MARK_BYTES : 0, isArray: text.startsWith('[') };
}

function openForReading(path: string): number {
  return readable(() => openSync(path, 'r'));
}

function readable<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExporterError('USAGE', `import: expected a file that can be read, got ${reason}`);
  }
}

function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-import-'));
  const path = join(folder, 'items.ndjson');
  const file = openSync(path, 'wx', 0o600);
  let isOpen = true;
  const finish = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  return {
    path,
    write: (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    },
    finish,
    remove: () => {
      finish();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * As in the contract: what the data say goes before the envelope. Of a bare result the result is
 * the data.
 */
function effectiveTime(value: unknown): number | undefined {
  if (!isRecord(value)) return undefined;
  const data = isBareHealingResult(value) ? value : isRecord(value.data) ? value.data : {};
  for (const time of [data.timestamp, data.detected_at, value.time]) {
    if (typeof time === 'string') return parseTime(time);
  }
  return undefined;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    return undefined;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
