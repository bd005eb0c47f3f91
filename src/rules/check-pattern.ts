/**
 * Whether Prometheus surely takes a regular expression. It reads RE2, and this is the part of it that a strict regular
 * expression of JavaScript shares: what is refused here may be one all the same, what is taken is one.
 */

const LENGTH_MAX = 1000;
/** Of one count, and of counts within counts. */
const REPEATS_MAX = 1000;
/** Flags for all of it, which only RE2 has. */
const FLAGS = /^\(\?[imsU]+\)/;
const CONTROL = /[\p{C}\u2028\u2029]/u;
const ESCAPE = /\\(?:[dDwWsSbB]|[\^$\\.*+?()[\]{}|/])/;
const CLASS_ESCAPE = /\\(?:[dDwWsS]|[\^$\\.*+?()[\]{}|/-])/;
const CLASS = new RegExp(`\\[\\^?(?:${CLASS_ESCAPE.source}|[^\\\\\\[\\]])+\\]`);
const TOKEN = new RegExp(
  `${ESCAPE.source}|${CLASS.source}|\\(\\?(?:[imsU]+:|:|P<[A-Za-z_]\\w*>)|\\((?!\\?)|[^\\\\\\[(]`,
  'gu',
);

/** What is the matter with it; undefined when nothing is. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > LENGTH_MAX) return `is longer than ${LENGTH_MAX} characters`;
  if (CONTROL.test(pattern)) return 'has characters that are not visible';
  const bare = pattern.replace(FLAGS, '');
  const strange = bare.replaceAll(TOKEN, '');
  if (strange !== '') return `has something else at ${JSON.stringify(strange)}`;
  const shared = bare.replace(/(?<!\\)\(\?[imsU]+:/g, '(?:').replace(/(?<!\\)\(\?P</g, '(?<');
  try {
    new RegExp(`^(?:${shared})$`, 'u');
  } catch {
    return 'is not closed, repeats nothing, or has a bracket or range that is none';
  }
  const counts = [...bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g)];
  const repeats = counts.reduce(
    (product, [, least = '', most = '']) => product * Math.max(Number(least), Number(most), 1),
    1,
  );
  return repeats > REPEATS_MAX ? `repeats more than ${REPEATS_MAX} times` : undefined;
}
