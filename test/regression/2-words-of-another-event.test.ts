import { expect, test } from 'vitest';
import { BatchDecoder } from '../../src/core/decode/batch.js';
import { splitBody } from '../../src/core/decode/split.js';
import { completed, RECEIVED_MS } from '../core/decode/valid-events.js';

function decoded(data: readonly Record<string, unknown>[]): BatchDecoder {
  const lines = data.map((one, i) => {
    const event = completed(one);
    return JSON.stringify({ ...event, id: `e-${i}` });
  });
  const body = Buffer.from(lines.join('\n'));
  const spans = splitBody(body, 'lines');
  if (!(spans instanceof Uint32Array)) throw new Error('not lines');
  const decoder = new BatchDecoder(body, spans, {
    receivedMs: RECEIVED_MS,
    forgottenMs: undefined,
  });
  while (!decoder.step(() => false));
  return decoder;
}

const WORDS = [
  ['outcome', 'succeeded'],
  ['severity', 'high'],
  ['trigger', 'reactive'],
  ['reason', 'declined'],
] as const;

for (const [field, word] of WORDS) {
  for (const instead of [[], {}]) {
    test(`${JSON.stringify(instead)} in ${field} is no word, whatever stood there before`, () => {
      const wrong = { [field]: instead };
      // Until its layout is known.
      for (let i = 0; i < 40; i += 1) decoded([wrong]);
      const { size, problems } = decoded([{ [field]: word }, wrong, wrong]);
      expect(size).toBe(1);
      expect(problems.map(({ index, code }) => [index, code])).toEqual([
        [1, 'invalid_field'],
        [2, 'invalid_field'],
      ]);
    });
  }
}
