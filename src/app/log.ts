/**
 * The log: one line an entry, JSON for machines or text for a terminal. What is in a field may have
 * come from anywhere, so nothing in it can break a line, drive a terminal or stop the program.
 */
import type { Log, LogLevel } from '../core/ports.js';
import { LOG_LEVELS, type LOG_FORMATS } from './config/schema.js';

export interface LogOptions {
  /** Entries below this are left out. */
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Takes one whole line, line feed included. What it throws (a closed pipe, say) is ignored. */
  readonly write: (line: string) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Longer texts are cut: a log line should stay one that can be read. */
const TEXT_LENGTH_MAX = 8192;
const DEPTH_MAX = 6;
const ITEMS_MAX = 100;
/**
 * Control characters and line separators that JSON.stringify leaves as they are, and direction
 * marks.
 */
const UNSHOWABLE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** What a text entry shows without quotes. */
const PLAIN = /^[\w./:@%+,-]+$/;

/** `auto` is text on a terminal. */
export function resolveLogFormat(
  format: (typeof LOG_FORMATS)[number],
  isTerminal: boolean,
): 'json' | 'text' {
  if (format !== 'auto') return format;
  return isTerminal ? 'text' : 'json';
}

/** `{"ts":"2026-11-23T18:00:00.123Z","level":"info","msg":"listening",…}`. Never throws. */
export function createLog({ level, format, write, now }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(level);
  return (entryLevel, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(entryLevel) < least) return;
    try {
      const ts = new Date(now()).toISOString();
      const shown = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, readable(value)] as const);
      const line =
        format === 'json'
          ? jsonLine(ts, entryLevel, message, shown)
          : textLine(ts, entryLevel, message, shown);
      write(`${line}\n`);
    } catch {
      // Whoever reads the log is gone. That may not stop the work.
    }
  };
}

type Fields = readonly (readonly [string, unknown])[];

function jsonLine(ts: string, level: LogLevel, message: string, fields: Fields): string {
  const own = { ts, level, msg: cut(message) };
  const others = fields.map(([name, value]) => [name in own ? `${name}_` : name, value] as const);
  return quote({ ...own, ...Object.fromEntries(others) });
}

function textLine(ts: string, level: LogLevel, message: string, fields: Fields): string {
  const words = fields.map(([name, value]) => {
    const shown = typeof value === 'string' && PLAIN.test(value) ? value : quote(value);
    return ` ${PLAIN.test(name) ? name : quote(name)}=${shown}`;
  });
  // The message is a sentence: without its quotes, and with everything in it escaped.
  const sentence = quote(cut(message)).slice(1, -1).replaceAll('\\"', '"');
  return `${ts} ${level.toUpperCase().padEnd(5)} ${sentence}${words.join('')}`;
}

function quote(value: unknown): string {
  return JSON.stringify(value).replace(UNSHOWABLE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A field that defends itself does not take the entry with it. */
function readable(value: unknown): unknown {
  try {
    return plain(value, 0);
  } catch {
    return 'unreadable';
  }
}

/** What JSON can say of it. Does not call into the value, but for the getters of an error. */
function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return null;
  if (depth >= DEPTH_MAX) return '…';
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no time' : value.toISOString();
  if (Array.isArray(value)) {
    return value.slice(0, ITEMS_MAX).map((item: unknown) => plain(item, depth + 1));
  }
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner, depth + 1)]));
}

function plainError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    ...('code' in error ? { code: plain(error.code, depth + 1) } : {}),
    message: cut(error.message),
    // Our own errors say what is wrong in words; where they came from helps only with the others.
    ...(error.name === 'ExporterError' ? {} : { stack: cut(error.stack ?? '') }),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1) }),
  };
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}
