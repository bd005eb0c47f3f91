/** Durations, sizes and addresses as people write them, and back again. */
import { isIPv4, isIPv6 } from 'node:net';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The units of Prometheus, in the order in which they may stand. A year is 365 days. */
const DURATION_UNITS = [
  ['y', 365 * DAY_MS],
  ['w', 7 * DAY_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
  ['ms', 1],
] as const;
const DURATION = new RegExp(
  `^${DURATION_UNITS.map(([unit]) => `(?:(\\d{1,15})${unit})?`).join('')}$`,
);

/** Powers of 1024 with an i, of 1000 without; B or nothing are bytes. */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);
const SIZE = /^(\d{1,16}(?:\.\d{1,6})?)\s?([KMGT]?i?B)?$/;
const PORT_MAX = 65_535;

export interface Address {
  /** Undefined: every address of the machine. IPv6 without brackets. */
  readonly host: string | undefined;
  /** 0: the system picks a free one. */
  readonly port: number;
}

/**
 * Milliseconds of a duration as in Prometheus: `15s`, `1h30m`, `400d`, `0`. Undefined when it is
 * none.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = DURATION.exec(text);
  if (match === null || text === '') return undefined;
  let durationMs = 0;
  for (const [i, [, unitMs]] of DURATION_UNITS.entries()) {
    durationMs += Number(match[i + 1] ?? 0) * unitMs;
  }
  return Number.isSafeInteger(durationMs) ? durationMs : undefined;
}

const FREQUENCY = /^(one|[1-9]\d{0,3})(?: false alarms?)? (?:in|per|an?) (\w+)$/;
const SPANS_MS: ReadonlyMap<string, number> = new Map([
  ['hour', HOUR_MS],
  ['day', DAY_MS],
  ['week', 7 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['year', 365 * DAY_MS],
]);
const FREQUENCY_SPAN_MS_MIN = HOUR_MS;
const FREQUENCY_SPAN_MS_MAX = 100 * 365 * DAY_MS;

/**
 * Mean milliseconds from one to the next: `1 in 30d`, `2 a week`, `one false alarm a month` (of 30 days). The time is
 * an hour to 100 years, the number 1 to 9999. Undefined when it is none.
 */
export function parseFrequency(text: string): number | undefined {
  const match = FREQUENCY.exec(text);
  if (match === null) return undefined;
  const [, count = '', span = ''] = match;
  const spanMs = SPANS_MS.get(span) ?? parseDuration(span);
  if (spanMs === undefined || spanMs < FREQUENCY_SPAN_MS_MIN || spanMs > FREQUENCY_SPAN_MS_MAX) {
    return undefined;
  }
  return spanMs / (count === 'one' ? 1 : Number(count));
}

/** `5400000` is `1h30m`. Whole milliseconds; years and weeks are not used. */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest === 0) return '0';
  let text = '';
  for (const [unit, unitMs] of DURATION_UNITS.slice(2)) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}

/** Bytes of `64MiB`, `10GB`, `1.5GiB` or `4096`. Undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const unit = SIZE_UNITS.get(match[2] ?? '');
  if (unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The largest unit that leaves no fraction: `10GiB`, `1500B`. */
export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    const unitBytes = SIZE_UNITS.get(unit) ?? 1;
    if (bytes >= unitBytes && bytes % unitBytes === 0) return `${bytes / unitBytes}${unit}`;
  }
  return `${bytes}B`;
}

/** `127.0.0.1:9464`, `localhost:9464`, `[::1]:9464`, `:9464`. Undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return undefined;
  const portText = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(portText)) return undefined;
  const port = Number(portText);
  if (port > PORT_MAX) return undefined;
  const hostText = text.slice(0, colon);
  if (hostText === '') return { host: undefined, port };
  if (hostText.startsWith('[') && hostText.endsWith(']')) {
    const host = hostText.slice(1, -1);
    return isIPv6(host) ? { host, port } : undefined;
  }
  return isIPv4(hostText) || isHostName(hostText) ? { host: hostText, port } : undefined;
}

export function formatAddress({ host, port }: Address): string {
  if (host === undefined) return `:${port}`;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach the address. */
export function isLoopback({ host }: Address): boolean {
  if (host === undefined) return false;
  if (host === 'localhost' || host === '::1') return true;
  return isIPv4(host) && host.startsWith('127.');
}

function isHostName(text: string): boolean {
  // Four numbers that are no IPv4 address are a typing error, not a name.
  if (text.length > 253 || /^[\d.]+$/.test(text)) return false;
  return text
    .split('.')
    .every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}
