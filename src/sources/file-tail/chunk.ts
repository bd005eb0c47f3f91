/** Cuts what was read of a file into whole lines, and says how far that goes. */
import { EVENT_BYTES_MAX } from '../../core/decode/limits.js';

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface Chunk {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Whether it begins inside a line whose rest is to be skipped. */
  readonly isInsideLine: boolean;
  /** Nothing can come behind it: a last line without a line feed is whole. */
  readonly isLast: boolean;
  /** As much was read as is ever read at once. */
  readonly isFull: boolean;
}

export interface Cut {
  /** Whole lines; may be empty. */
  readonly lines: Buffer;
  /** `one`: a line that is too long to be read whole, cut short, to be rejected as such. */
  readonly shape: 'lines' | 'one';
  /** Bytes that are through with these lines, those skipped included. */
  readonly length: number;
  readonly isInsideLine: boolean;
}

export function cutLines(chunk: Chunk): Cut {
  const { bytes, isLast, isFull } = chunk;
  const start = startOf(chunk);
  if (start === undefined) {
    return {
      lines: bytes.subarray(0, 0),
      shape: 'lines',
      length: bytes.length,
      isInsideLine: true,
    };
  }
  const end = isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
  if (end > start || !isFull || start > 0) {
    const whole = Math.max(start, end);
    return {
      lines: bytes.subarray(start, whole),
      shape: 'lines',
      length: whole,
      isInsideLine: false,
    };
  }
  const beginning = bytes.subarray(0, EVENT_BYTES_MAX + 1);
  return { lines: beginning, shape: 'one', length: bytes.length, isInsideLine: true };
}

/** Behind what is to be skipped; undefined when that is everything. */
function startOf({ bytes, offset, isInsideLine }: Chunk): number | undefined {
  if (isInsideLine) {
    const lineFeed = bytes.indexOf(LINE_FEED);
    return lineFeed < 0 ? undefined : lineFeed + 1;
  }
  const hasMark = offset === 0 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
  return hasMark ? BYTE_ORDER_MARK.length : 0;
}
