/**
 * What a query string asks for: every parameter known, given once and well-formed, or a message
 * that says what is wrong.
 */
import { parseRange, type UsedRange } from '../analysis/range.js';
import { describeValue } from '../core/decode/describe.js';
import { identifierFault, isIdentifier } from '../core/decode/identifier.js';
import type { Filters } from '../core/ports.js';
import { didYouMean } from './config/suggest.js';

export interface Question {
  readonly range: UsedRange;
  readonly filters: Filters;
  /** Of those that are asked for beside range and filters: as it stands there. */
  readonly extra: ReadonlyMap<string, string>;
}

export type Asked =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly message: string };

export const RANGE_PARAMETERS = ['range', 'from', 'to'] as const;
export const FILTER_PARAMETERS = {
  failure_type: 'failureType',
  strategy: 'strategy',
  agent_id: 'agentId',
  source: 'source',
} as const satisfies Readonly<Record<string, keyof Filters>>;

const COMMON_PARAMETERS: readonly string[] = [
  ...RANGE_PARAMETERS,
  ...Object.keys(FILTER_PARAMETERS),
];

/** `extra`: parameters that this question takes beside range and filters. */
export function readQuestion(
  parameters: Iterable<readonly [string, string]>,
  extra: readonly string[],
  nowMs: number,
): Asked {
  const values = readParameters(parameters, [...COMMON_PARAMETERS, ...extra]);
  if (typeof values === 'string') return { ok: false, message: values };
  const filters: { -readonly [K in keyof Filters]: Filters[K] } = {};
  for (const [name, key] of Object.entries(FILTER_PARAMETERS)) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (!isIdentifier(value)) return { ok: false, message: `${name}: ${identifierFault(value)}` };
    filters[key] = value;
  }
  const [range, from, to] = RANGE_PARAMETERS.map((name) => values.get(name));
  const parsed = parseRange({ range, from, to }, nowMs);
  if (!parsed.ok) return parsed;
  return { ok: true, question: { range: parsed.used, filters, extra: values } };
}

/** By name; or what is wrong with them. */
export function readParameters(
  parameters: Iterable<readonly [string, string]>,
  known: readonly string[],
): ReadonlyMap<string, string> | string {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!known.includes(name)) {
      const wanted = known.length === 0 ? 'no parameters' : `one of ${known.join(', ')}`;
      return `query: expected ${wanted}, got ${describeValue(name)}${didYouMean(name, known)}`;
    }
    if (values.has(name)) return `${name}: expected it once, got it again`;
    values.set(name, value);
  }
  return values;
}

/** A whole number from 1 to `most`; `usual` when it is not given; or what is wrong with it. */
export function readLimit(text: string | undefined, usual: number, most: number): number | string {
  if (text === undefined) return usual;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  return `limit: expected a whole number from 1 to ${most}, got ${describeValue(text)}`;
}
