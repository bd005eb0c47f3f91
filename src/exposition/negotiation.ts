/** What a client says that it takes: `Accept` and `Accept-Encoding`, with their weights (RFC 9110, section 12). */

interface Range {
  /** `type/subtype`, or an encoding; lower case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 is a refusal. */
  readonly weight: number;
}

/** A media type with the parameters that a range may name. */
export interface Offer {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The offer that the client likes best: by weight, then the one that it names rather than a wildcard, then the
 * one that stands first in the header, then the first in `offers`. Undefined when it takes none of them. No
 * header takes everything.
 */
export function bestOffer<O extends Offer>(
  accept: string | undefined,
  offers: readonly O[],
): O | undefined {
  const ranges = rangesOf(accept ?? '');
  if (ranges.length === 0) return offers[0];
  let best: { readonly offer: O; readonly liking: readonly number[] } | undefined;
  for (const offer of offers) {
    const liking = likingOf(offer, ranges);
    if (liking === undefined) continue;
    if (best === undefined || isMore(liking, best.liking)) best = { offer, liking };
  }
  return best?.offer;
}

/** Named, or any encoding, and not with a weight of 0; and not liked less than no encoding. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const ranges = rangesOf(acceptEncoding ?? '');
  const weightOf = (name: string): number | undefined =>
    ranges.find((range) => range.name === name)?.weight;
  const identity = weightOf('identity');
  const named = weightOf('gzip') ?? weightOf('x-gzip') ?? weightOf('*');
  // Who refuses what is not packed, and says nothing about packing, is left with gzip.
  const gzip = named ?? (identity === 0 ? 1 : 0);
  return gzip > 0 && gzip >= (identity ?? 0);
}

/** Of the most specific range that matches: weight, how specific, how early. Undefined for a refusal. */
function likingOf(offer: Offer, ranges: readonly Range[]): readonly number[] | undefined {
  let found:
    { readonly specific: number; readonly weight: number; readonly at: number } | undefined;
  for (const [at, range] of ranges.entries()) {
    const specific = specificity(offer, range);
    if (specific === undefined || specific <= (found?.specific ?? -1)) continue;
    found = { specific, weight: range.weight, at };
  }
  if (found === undefined || found.weight === 0) return undefined;
  return [found.weight, Math.min(found.specific, NAMED), -found.at];
}

/** Of a range that names the type; one more for each parameter. */
const NAMED = 2;

function specificity(offer: Offer, { name, parameters }: Range): number | undefined {
  if (name === '*/*') return 0;
  if (name === `${offer.type.split('/', 1)[0] ?? ''}/*`) return 1;
  if (name !== offer.type) return undefined;
  let named = NAMED;
  // What an offer says nothing about (charset, escaping) leaves the choice to us.
  for (const [parameter, wanted] of Object.entries(offer.parameters)) {
    const given = parameters.get(parameter);
    if (given === undefined) continue;
    if (given !== wanted) return undefined;
    named += 1;
  }
  return named;
}

function isMore(one: readonly number[], other: readonly number[]): boolean {
  const place = one.findIndex((value, i) => value !== other[i]);
  return place >= 0 && (one[place] ?? 0) > (other[place] ?? 0);
}

/** What is malformed refuses only itself. */
function rangesOf(header: string): Range[] {
  return divided(header, ',').flatMap((item) => {
    if (item.trim() === '') return [];
    const [name = '', ...given] = divided(item, ';').map((part) => part.trim());
    if (name === '') return [];
    const parameters = new Map<string, string>();
    for (const one of given) {
      const [key = '', value = ''] = one.split('=', 2).map((part) => part.trim());
      parameters.set(key.toLowerCase(), value.replace(/^"(.*)"$/, '$1'));
    }
    const weight = parameters.get('q');
    parameters.delete('q');
    return [{ name: name.toLowerCase(), parameters, weight: weightOf(weight) }];
  });
}

/**
 * Where a separator stands inside of quotes, it divides nothing; quotes that are never closed are letters. In one go:
 * anybody may send this.
 */
function divided(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  const lastQuote = text.lastIndexOf('"');
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (isQuoted && letter === '\\') {
      i += 1;
    } else if (letter === '"') {
      isQuoted = !isQuoted && i < lastQuote;
    } else if (letter === separator && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function weightOf(given: string | undefined): number {
  if (given === undefined) return 1;
  // More digits than the three that are allowed are no reason to refuse.
  return /^(?:0?\.\d+|0\.?|1(?:\.0*)?)$/.test(given) ? Number(given) : 0;
}
