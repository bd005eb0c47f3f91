/** When a push that failed is tried again. */
import type { OtlpFailure } from '../../metrics/self-counts.js';
import type { Answer } from './sender.js';

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
/** Receivers that start again together are not to be asked by everybody at once. */
const JITTER = 0.2;
/** A receiver that wants to be left alone for longer is asked once an hour. */
const RETRY_AFTER_MAX_MS = 3_600_000;

const RETRYABLE = new Set([429, 502, 503, 504]);

/** `random`: from 0 up to 1. */
function backoffMs(failures: number, random: number): number {
  const delayMs = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return delayMs * (1 - JITTER + 2 * JITTER * random);
}

/**
 * Until the next try. Not before what the receiver asked for, and never sooner than without it: one that asks for nothing,
 * or for a time that is over, is not to be asked without a pause.
 */
export function delayMs(failures: number, askedMs: number | undefined, random: number): number {
  const ownMs = backoffMs(failures, random);
  return askedMs === undefined ? ownMs : Math.max(ownMs, askedMs * (1 + JITTER * random));
}

/** In seconds, or a date. Undefined for what is neither, and for none. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const isNumber = /^[+-]?[\d.]+$/.test(text);
  const askedMs = isNumber ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(askedMs)) return undefined;
  return Math.min(Math.max(0, askedMs), RETRY_AFTER_MAX_MS);
}

export function isTaken({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

/** No answer may be one next time. */
export function isRetryable(answer: Answer | undefined): boolean {
  return answer === undefined || RETRYABLE.has(answer.status);
}

export function failureOf(answer: Answer | undefined): OtlpFailure {
  if (answer === undefined) return 'unreachable';
  if (answer.status === 429 || answer.status === 503) return 'overloaded';
  return answer.status >= 500 ? 'server_error' : 'rejected';
}
