/** The variables of OpenTelemetry, and what the library would leave out of them without a word. */
import { readFileSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { ExporterError } from '../../core/errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const FILES = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'] as const;
/** As long as the library takes the names and values of resource attributes. */
const ATTRIBUTE_MAX = 255;

/** An empty variable is one that is not set, as OpenTelemetry has it. */
export function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** The two variables for one thing: that of metrics goes before that of everything. */
export function namesFor(thing: string): readonly [ofMetrics: string, ofAll: string] {
  return [`OTEL_EXPORTER_OTLP_METRICS_${thing}`, `OTEL_EXPORTER_OTLP_${thing}`];
}

/** Which of the two holds; undefined where neither is set. */
export function nameGiven(environment: Environment, thing: string): string | undefined {
  return namesFor(thing).find((name) => valueOf(environment, name) !== undefined);
}

export function invalid(name: string, wanted: string, given: string): ExporterError {
  return new ExporterError('CONFIG_INVALID', `${name}: expected ${wanted}, got ${given}`);
}

/** Throws ExporterError CONFIG_INVALID for headers that cannot be sent. Values are secrets: they are not told. */
export function refuseHeaders(environment: Environment): void {
  for (const name of namesFor('HEADERS')) {
    for (const [i, pair] of (valueOf(environment, name) ?? '').split(',').entries()) {
      if (pair.trim() === '') continue;
      const fault = headerFault(pair);
      if (fault !== undefined) throw invalid(name, 'name=value,name=value', `${fault} (${i + 1}.)`);
    }
  }
}

function headerFault(pair: string): string | undefined {
  const split = pair.indexOf('=');
  const name = decoded(pair.slice(0, split));
  const value = decoded(pair.slice(split + 1));
  if (split < 0) return 'a header without "="';
  if (name === undefined || value === undefined) return 'a header with a "%" that escapes nothing';
  if (value === '') return `a header without a value, "${name}"`;
  if (pair.includes(';')) return `a header with ";", which is written %3B, "${name}"`;
  try {
    validateHeaderName(name);
  } catch {
    return `what is no name of a header, "${name}"`;
  }
  try {
    validateHeaderValue(name, value);
  } catch {
    return `a value that no header may have, of "${name}"`;
  }
  return undefined;
}

/** Throws ExporterError CONFIG_INVALID for a certificate or key that cannot be read. */
export function refuseFiles(environment: Environment): void {
  for (const file of FILES) {
    const name = nameGiven(environment, file);
    if (name === undefined) continue;
    // Untrimmed, as the library reads it.
    const path = environment[name] ?? '';
    try {
      readFileSync(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw invalid(name, 'a file that can be read', `"${path}": ${reason}`);
    }
  }
}

/**
 * Why the library leaves OTEL_RESOURCE_ATTRIBUTES out, all of it: OpenTelemetry forbids to refuse it, and wants it to be
 * told. Undefined where it does not.
 */
export function attributesFault(environment: Environment): string | undefined {
  const pairs = (valueOf(environment, 'OTEL_RESOURCE_ATTRIBUTES') ?? '').split(',');
  for (const pair of pairs.filter((one) => one.trim() !== '')) {
    const [given = '', ...more] = pair.split('=');
    const [name, value] = [decoded(given), decoded(more.join('='))];
    if (more.length !== 1 || name === '') return `expected name=value, got "${pair}"`;
    if (name === undefined || value === undefined) {
      return `expected "%" to escape a character, got "${pair}"`;
    }
    if (Math.max(name.length, value.length) > ATTRIBUTE_MAX) {
      return `expected at most ${ATTRIBUTE_MAX} characters, got more in "${name.slice(0, 40)}"`;
    }
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}
