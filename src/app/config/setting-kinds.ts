/** What a setting may take: durations, sizes, lists and so on, each with the words that refuse what is none. */
import { z } from 'zod';
import { describeValue } from '../../core/decode/describe.js';
import { isIdentifier } from '../../core/decode/identifier.js';
import {
  formatDuration,
  formatSize,
  parseAddress,
  parseDuration,
  parseFrequency,
  parseSize,
} from './units.js';

const DAY_MS = 86_400_000;

/** What a setting takes, for documentation and for values that arrive as text. */
export interface SettingShape {
  readonly kind: 'text' | 'boolean' | 'list' | 'map';
  /** As a message says it: `a duration such as 15s`. */
  readonly wants: string;
}

const shapes = z.registry<SettingShape>();

/** Undefined for a group of settings. */
export function shapeOf(schema: z.ZodType): SettingShape | undefined {
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean', wants: 'true or false' };
  return shapes.get(schema);
}

export function wanted(wants: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => `expected ${wants}, got ${describeValue(input)}`;
}

/** Text (or, where a number is plain enough, a number) that `parse` turns into a value. */
function text<T>(wants: string, parse: (value: string) => T | undefined) {
  const schema = z.string({ error: wanted(wants) }).transform((value, context) => {
    const parsed = parse(value.trim());
    if (parsed !== undefined) return parsed;
    context.issues.push({ code: 'custom', input: value, message: wanted(wants)({ input: value }) });
    return z.NEVER;
  });
  return schema.register(shapes, { kind: 'text', wants });
}

export function address() {
  return text('an address such as 127.0.0.1:9464, [::1]:9464 or :9464', parseAddress);
}

export function url() {
  return text('a URL such as http://127.0.0.1:4318', parseUrl);
}

function parseUrl(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined;
}

export function path() {
  return text('a path', (value) => (isPath(value) ? value : undefined));
}

export function duration(bounds: { readonly leastMs: number; readonly mostMs: number }) {
  const { leastMs, mostMs } = bounds;
  const range = `${formatDuration(leastMs)} to ${formatDuration(mostMs)}`;
  return text(`a duration such as 15s or 1h30m, ${range}`, (value) =>
    within(parseDuration(value), leastMs, mostMs),
  );
}

/** Mean days from one to the next. */
export function frequency() {
  const wants = 'how often, such as 1 in 30d, 2 a week or one a month';
  return text(wants, (value) => {
    const everyMs = parseFrequency(value);
    return everyMs === undefined ? undefined : everyMs / DAY_MS;
  });
}

export function size(bounds: { readonly leastBytes: number; readonly mostBytes: number }) {
  const { leastBytes, mostBytes } = bounds;
  const range = `${formatSize(leastBytes)} to ${formatSize(mostBytes)}`;
  const wants = `a size such as 64MiB or 10GB, ${range}`;
  const schema = z.union([z.string(), z.number()], { error: wanted(wants) });
  return schema
    .transform((value, context) => {
      const parsed = within(parseSize(String(value).trim()), leastBytes, mostBytes);
      if (parsed !== undefined) return parsed;
      const message = wanted(wants)({ input: value });
      context.issues.push({ code: 'custom', input: value, message });
      return z.NEVER;
    })
    .register(shapes, { kind: 'text', wants });
}

export function oneOf<const T extends readonly string[]>(words: T) {
  const wants = `one of ${words.join(', ')}`;
  return z.enum(words, { error: wanted(wants) }).register(shapes, { kind: 'text', wants });
}

export function list<T extends z.ZodType>(item: T, wants: string) {
  return z.array(item, { error: wanted(wants) }).register(shapes, { kind: 'list', wants });
}

export function perMetric<T extends z.ZodType>(value: T) {
  const wants = 'a map by metric name';
  const name = z.string();
  return z.record(name, value, { error: wanted(wants) }).register(shapes, { kind: 'map', wants });
}

export function metricName() {
  return z.string({ error: wanted('a metric name') });
}

export function number() {
  const wants = 'a number above 0';
  return z.number({ error: wanted(wants) }).positive({ error: wanted(wants) });
}

export function wholeNumber(least: number, most: number) {
  const error = wanted(`a whole number from ${least} to ${most}`);
  // One check, so that one number is one problem.
  const isWanted = (value: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  return z.number({ error }).refine(isWanted, { error });
}

export function fileSources() {
  const wants = 'a list of {path, source}';
  const file = z.strictObject(
    {
      path: path(),
      source: text('a source name such as /swarms/alpha', (value) =>
        isIdentifier(value) ? value : undefined,
      ).optional(),
    },
    { error: fileFault },
  );
  // A path alone stands for a file whose lines bring their own source.
  const item = z.preprocess((value: string | z.input<typeof file>) => {
    return typeof value === 'string' ? { path: value } : value;
  }, file);
  return z.array(item, { error: wanted(wants) }).register(shapes, { kind: 'list', wants });
}

function fileFault(issue: {
  readonly code?: string | undefined;
  readonly input?: unknown;
}): string {
  if (issue.code !== 'unrecognized_keys') return wanted('{path, source} or a path')(issue);
  return 'unknown key; expected path and source only';
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function isPath(value: string): boolean {
  return value !== '' && !value.includes('\0');
}
