/**
 * Many questions asked at once, some look answered by chance. The q-value of an answer is the share of wrong ones
 * to expect when it and all surer ones are believed.
 *
 * `pValues` in any order; the q-values come in the same order, each at least its p-value. `asked`: how many questions
 * there were. Those with p-values above some bound may be left out where q-values above it do not matter.
 * No data: an empty list.
 * Errors: none.
 * Source: Benjamini, Hochberg, Controlling the False Discovery Rate (1995).
 */
export function falseDiscovery(pValues: readonly number[], asked = pValues.length): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const q = pValues.map(() => 1);
  let least = 1;
  order.forEach(({ p, index }, i) => {
    least = Math.min(least, (p * asked) / (pValues.length - i));
    q[index] = least;
  });
  return q;
}
