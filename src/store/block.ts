/**
 * A block: up to a thousand consecutive events in one row of the log. One row for many events makes
 * an append cheap, and events beside each other are so alike that a block packs to about an eighth.
 *
 * Unpacked it reads: header (events, runs, kind of times, first time), runs (how many events came
 * in by which input and when), event times, lengths, gaps, then the JSON texts. Numbers are
 * little-endian.
 */
import { crc32 } from 'node:zlib';
import { INPUTS, type Input } from '../core/event.js';
import { compress, decompress } from './compression.js';

export const BLOCK_EVENTS_MAX = 1000;
export const BLOCK_BYTES_MAX = 512 * 1024;

/**
 * Texts between two events of a delivery (comma, line end) up to this long are copied along, not
 * cut out.
 */
export const GAP_BYTES_MAX = 4;
/** A full block and its numbers. */
const SCRATCH_BYTES_MAX = BLOCK_BYTES_MAX + 64 * 1024;
/** Below this, packing costs more than it saves. */
const PACK_BYTES_MIN = 1024;
/**
 * Blocks are at most half a MiB, but an event may be 64 KiB; anything that unpacks to more is no
 * block.
 */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;

const HEADER_BYTES = 24;
const RUN_BYTES = 16;
export const PLAIN = 0;
const COMPRESSED = 1;
const TIMES_AS_OFFSETS = 0;
const TIMES_AS_FLOATS = 1;

/** Events as they lie in memory: parallel columns over one text. */
export interface Entries {
  readonly count: number;
  readonly text: Uint8Array;
  /** [start0, end0, start1, end1, …], ascending. */
  readonly spans: Uint32Array;
  readonly timesMs: Float64Array;
  /** Indices in INPUTS. */
  readonly inputs: Uint8Array;
  readonly receivedMs: Float64Array;
}

/** A row of the table `blocks`. */
export interface BlockRow {
  readonly first_seq: number;
  readonly events: number;
  readonly min_ms: number;
  readonly max_ms: number;
  readonly crc: number;
  readonly encoding: number;
  readonly body: Uint8Array;
}

/**
 * Where blocks end when `entries` are cut into blocks: event indices, the last one is
 * `entries.count`.
 */
export function blockEnds({ count, spans }: Entries): number[] {
  const ends: number[] = [];
  let from = 0;
  for (let i = 1; i < count; i += 1) {
    const bytes = (spans[2 * i + 1] ?? 0) - (spans[2 * from] ?? 0);
    if (i - from < BLOCK_EVENTS_MAX && bytes <= BLOCK_BYTES_MAX) continue;
    ends.push(i);
    from = i;
  }
  if (count > 0) ends.push(count);
  return ends;
}

export function encodeBlock(
  firstSeq: number,
  entries: Entries,
  from: number,
  to: number,
  packBytesMin = PACK_BYTES_MIN,
): BlockRow {
  const count = to - from;
  const times = entries.timesMs.subarray(from, to);
  const { minMs, maxMs, whole } = extentOf(times);
  const runs = runsOf(entries, from, to);
  const asOffsets = whole && maxMs - minMs < 2 ** 32;

  const timesAt = HEADER_BYTES + runs.length * RUN_BYTES;
  const lengthsAt = timesAt + count * (asOffsets ? 4 : 8);
  const gapsAt = lengthsAt + count * 4;
  const textAt = gapsAt + count;
  const { textBytes, pieces } = measureText(entries, from, to);
  const raw = scratchOf(textAt + textBytes);

  new Uint32Array(raw, 0, 4).set([
    count,
    runs.length,
    asOffsets ? TIMES_AS_OFFSETS : TIMES_AS_FLOATS,
    0,
  ]);
  new Float64Array(raw, 16, 1)[0] = minMs;
  runs.forEach((run, i) => {
    new Uint32Array(raw, HEADER_BYTES + i * RUN_BYTES, 2).set([run.count, run.input]);
    new Float64Array(raw, HEADER_BYTES + i * RUN_BYTES + 8, 1)[0] = run.receivedMs;
  });
  if (asOffsets) {
    const offsets = new Uint32Array(raw, timesAt, count);
    for (let i = 0; i < count; i += 1) offsets[i] = (times[i] ?? 0) - minMs;
  } else {
    new Float64Array(raw, timesAt, count).set(times);
  }
  writeText(raw, { entries, from, to, lengthsAt, gapsAt, textAt, pieces });

  const bytes = new Uint8Array(raw, 0, textAt + textBytes);
  const encoding = bytes.length < packBytesMin ? PLAIN : COMPRESSED;
  const body = encoding === PLAIN ? bytes.slice() : compress(bytes);
  const row = { first_seq: firstSeq, events: count, min_ms: minMs, max_ms: maxMs, encoding, body };
  return { ...row, crc: blockCrc(row) };
}

/** What a block is put together in before it is packed. Half a megabyte for each would be much garbage. */
let scratch = new ArrayBuffer(0);

function scratchOf(bytes: number): ArrayBuffer {
  if (bytes > SCRATCH_BYTES_MAX) return new ArrayBuffer(bytes);
  if (bytes > scratch.byteLength) scratch = new ArrayBuffer(SCRATCH_BYTES_MAX);
  return scratch;
}

/** Undefined when the row is not what was written: its CRC differs, or it does not unpack. */
export function decodeBlock(row: BlockRow): Entries | undefined {
  if (blockCrc(row) !== row.crc) return undefined;
  try {
    return readEntries(aligned(unpack(row)), row.events);
  } catch {
    return undefined; // an encoding of a later release, or rot that the CRC could not see
  }
}

export function inputAt(entries: Entries, index: number): Input {
  return INPUTS[entries.inputs[index] ?? 0] ?? 'internal';
}

/** Over everything in the row, so that a flipped bit in a number is seen like one in the text. */
function blockCrc(row: Omit<BlockRow, 'crc'>): number {
  const numbers = new Float64Array([
    row.first_seq,
    row.events,
    row.min_ms,
    row.max_ms,
    row.encoding,
  ]);
  return crc32(row.body, crc32(new Uint8Array(numbers.buffer)));
}

function unpack(row: BlockRow): Uint8Array {
  if (row.encoding === PLAIN) return row.body;
  if (row.encoding !== COMPRESSED) throw new RangeError(`block encoding ${String(row.encoding)}`);
  return decompress(row.body, UNPACKED_BYTES_MAX);
}

/** Number columns are read in place, which asks for an address that is a multiple of eight. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

function readEntries(raw: Uint8Array, events: number): Entries {
  const { buffer, byteOffset } = raw;
  const [count = 0, runs = 0, timeKind = 0] = new Uint32Array(buffer, byteOffset, 4);
  if (count !== events) throw new RangeError('block counts differ');
  const [firstMs = 0] = new Float64Array(buffer, byteOffset + 16, 1);

  const inputs = new Uint8Array(count);
  const receivedMs = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < runs; i += 1) {
    const runAt = byteOffset + HEADER_BYTES + i * RUN_BYTES;
    const [length = 0, input = 0] = new Uint32Array(buffer, runAt, 2);
    const [received = 0] = new Float64Array(buffer, runAt + 8, 1);
    inputs.fill(input, at, at + length);
    receivedMs.fill(received, at, at + length);
    at += length;
  }

  const timesAt = byteOffset + HEADER_BYTES + runs * RUN_BYTES;
  const asOffsets = timeKind === TIMES_AS_OFFSETS;
  const timesMs = asOffsets
    ? Float64Array.from(new Uint32Array(buffer, timesAt, count), (offset) => firstMs + offset)
    : new Float64Array(new Float64Array(buffer, timesAt, count));
  const lengthsAt = timesAt + count * (asOffsets ? 4 : 8);
  const lengths = new Uint32Array(buffer, lengthsAt, count);
  const gaps = new Uint8Array(buffer, lengthsAt + count * 4, count);
  const text = raw.subarray(lengthsAt + count * 5 - byteOffset);

  const spans = new Uint32Array(count * 2);
  let end = 0;
  for (let i = 0; i < count; i += 1) {
    const start = end + (gaps[i] ?? 0);
    end = start + (lengths[i] ?? 0);
    spans[2 * i] = start;
    spans[2 * i + 1] = end;
  }
  if (end > text.length) throw new RangeError('block text is cut short');
  return { count, text, spans, timesMs, inputs, receivedMs };
}

function extentOf(times: Float64Array): { minMs: number; maxMs: number; whole: boolean } {
  let minMs = Infinity;
  let maxMs = -Infinity;
  let whole = true;
  for (const time of times) {
    if (time < minMs) minMs = time;
    if (time > maxMs) maxMs = time;
    if (!Number.isInteger(time)) whole = false;
  }
  return { minMs, maxMs, whole };
}

interface Run {
  count: number;
  readonly input: number;
  readonly receivedMs: number;
}

function runsOf({ inputs, receivedMs }: Entries, from: number, to: number): Run[] {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (let i = from; i < to; i += 1) {
    const input = inputs[i] ?? 0;
    const received = receivedMs[i] ?? 0;
    if (last?.input === input && last.receivedMs === received) {
      last.count += 1;
      continue;
    }
    last = { count: 1, input, receivedMs: received };
    runs.push(last);
  }
  return runs;
}

/**
 * [start0, end0, …] of the stretches that are copied whole: events with short gaps between them.
 */
function measureText(
  { spans }: Entries,
  from: number,
  to: number,
): { textBytes: number; pieces: number[] } {
  const pieces: number[] = [];
  let textBytes = 0;
  let pieceStart = spans[2 * from] ?? 0;
  let end = pieceStart;
  for (let i = from; i < to; i += 1) {
    const start = spans[2 * i] ?? 0;
    if (start - end > GAP_BYTES_MAX) {
      pieces.push(pieceStart, end);
      textBytes += end - pieceStart;
      pieceStart = start;
    }
    end = spans[2 * i + 1] ?? 0;
  }
  pieces.push(pieceStart, end);
  return { textBytes: textBytes + end - pieceStart, pieces };
}

function writeText(
  raw: ArrayBuffer,
  parts: {
    readonly entries: Entries;
    readonly from: number;
    readonly to: number;
    readonly lengthsAt: number;
    readonly gapsAt: number;
    readonly textAt: number;
    readonly pieces: readonly number[];
  },
): void {
  const { entries, from, to, pieces } = parts;
  const { spans, text } = entries;
  const lengths = new Uint32Array(raw, parts.lengthsAt, to - from);
  const gaps = new Uint8Array(raw, parts.gapsAt, to - from);
  let end = spans[2 * from] ?? 0;
  for (let i = from; i < to; i += 1) {
    const start = spans[2 * i] ?? 0;
    const gap = start - end;
    gaps[i - from] = gap > GAP_BYTES_MAX ? 0 : gap;
    end = spans[2 * i + 1] ?? 0;
    lengths[i - from] = end - start;
  }
  const target = new Uint8Array(raw, parts.textAt);
  let at = 0;
  for (let p = 0; p < pieces.length; p += 2) {
    const piece = text.subarray(pieces[p], pieces[p + 1]);
    target.set(piece, at);
    at += piece.length;
  }
}
