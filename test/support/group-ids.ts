/** The ids of a group's events, in their order, wherever they stand. */
import type { AppendGroup } from '../../src/core/ports.js';

export function idsOf({ bytes, idSpans, otherIds, timesMs }: AppendGroup): string[] {
  return Array.from(timesMs, (_, place) => {
    const [start, end] = idSpans.slice(2 * place);
    return otherIds.get(place) ?? Buffer.from(bytes).toString('latin1', start, end);
  });
}
