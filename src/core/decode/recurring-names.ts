/**
 * Names that come again with every event: sources, types, strategies, agents. The one that was checked first is
 * handed out instead of each copy that a parser makes: nothing is checked twice, maps find it at once, and a
 * hundred thousand remembered incidents share it.
 */
const YOUNG_MAX = 5_000;

let young = new Map<string, string>();
let old = new Map<string, string>();

/** The valid name that equals this text, if it has been seen lately. */
export function knownName(text: string): string | undefined {
  const known = young.get(text);
  if (known !== undefined) return known;
  const aged = old.get(text);
  return aged === undefined ? undefined : rememberName(aged);
}

/** `name` has been checked. What has not been asked for during the last thousands of new names is dropped. */
export function rememberName(name: string): string {
  if (young.size >= YOUNG_MAX) {
    old = young;
    young = new Map();
  }
  young.set(name, name);
  return name;
}
