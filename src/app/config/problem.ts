/** What is wrong with a configuration: collected, so that one start tells everything. */
import { ExporterError } from '../../core/errors.js';
import { camelCase } from './settings.js';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number | undefined }
  | { readonly kind: 'option' };

export interface ConfigProblem {
  /** `storage.retention_age`, `sources.files[1].path`; empty when it is about no key. */
  readonly key: string;
  /** What was wanted and what was there. */
  readonly message: string;
  readonly origin: Origin;
}

/**
 * `flag --log.level`, `environment SELFHEALER_LOG_LEVEL`, `exporter.yml:3`, `option`, `default`.
 */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
    case 'environment':
      return `${origin.kind} ${origin.name}`;
    case 'file':
      return origin.line === undefined ? origin.path : `${origin.path}:${origin.line}`;
    case 'option':
    case 'default':
      return origin.kind;
  }
}

/** `log.level: expected one of …, got "loud" (flag --log.level)`. */
export function describeProblem({ key, message, origin }: ConfigProblem): string {
  const shownKey = origin.kind === 'option' ? camelCase(key) : key;
  return `${shownKey === '' ? '' : `${shownKey}: `}${message} (${describeOrigin(origin)})`;
}

export function configError(problems: readonly ConfigProblem[]): ExporterError {
  const [first] = problems;
  if (problems.length === 1 && first !== undefined) {
    return new ExporterError('CONFIG_INVALID', `configuration: ${describeProblem(first)}`);
  }
  const lines = problems.map((problem) => `\n  ${describeProblem(problem)}`);
  return new ExporterError(
    'CONFIG_INVALID',
    `configuration: ${problems.length} problems${lines.join('')}`,
  );
}
