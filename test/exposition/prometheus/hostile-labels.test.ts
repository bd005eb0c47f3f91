// Label values that other exporters have fallen for, all the way from bytes to text: decode refuses them, so
// that none of them becomes a line, a second series of the same name, or part of another series.
import { expect, test } from 'vitest';
import { BatchDecoder } from '../../../src/core/decode/batch.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { T0 } from '../../support/events.js';
import { render, samplesOf, viewOf } from '../../metrics/scrape.js';

const FIELDS = ['source', 'failure_type', 'strategy_used', 'agent_id'] as const;

/** Folds what decode takes of these completions, and renders it. */
async function textOf(fields: readonly Readonly<Record<string, unknown>>[]) {
  const state = new LiveState();
  for (const [i, { source = '/one', ...data }] of fields.entries()) {
    const body = Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: `e${i}`,
        source,
        type: 'selfhealer.healing.completed',
        data: {
          failure_id: `f${i}`,
          strategy_used: 'S',
          success: true,
          duration_ms: 1,
          failure_type: 't',
          agent_id: 'a',
          ...data,
        },
      }),
    );
    const context = { receivedMs: T0, forgottenMs: undefined };
    const decoder = new BatchDecoder(body, Uint32Array.of(0, body.length), context);
    decoder.step(() => false);
    if (decoder.size === 0) continue;
    const event = decoder.inOrder(0);
    state.apply({ seq: state.seq + 1, input: 'http', receivedMs: T0, event });
  }
  return render(viewOf(state), { optIns: ['agents', 'circuits'] });
}

test.each(FIELDS)('an array as %s injects no line', async (field) => {
  const text = await textOf([{}, { [field]: ['x"} 1\nfake{a="b'] }, { [field]: { a: 1 } }]);
  expect(text).not.toMatch(/fake|object Object/);
  expect(text).toBe(await textOf([{}]));
});

test.each(FIELDS)('%s that only looks like two labels is not one', async (field) => {
  const text = await textOf([{ [field]: 'x,strategy:y' }, { [field]: 'x",strategy="y' }, {}]);
  expect(text).not.toMatch(/x,|x"/);
});

test.each(FIELDS)('lone surrogates as %s do not become one series twice', async (field) => {
  const text = await textOf([{ [field]: '\ud800' }, { [field]: '\ud801' }, {}]);
  const asRead = samplesOf(Buffer.from(text).toString('utf8')).map(({ series }) => series);
  expect(new Set(asRead).size).toBe(asRead.length);
  expect(text).not.toContain('\ufffd');
});

test('colons and equals signs in names keep series apart', async () => {
  const text = await textOf([
    { strategy_used: 'x:y', failure_type: 'z' },
    { strategy_used: 'x', failure_type: 'y:z' },
  ]);
  expect(text).toContain('{strategy="x:y",failure_type="z",trigger="reactive"} 1');
  expect(text).toContain('{strategy="x",failure_type="y:z",trigger="reactive"} 1');
});

test('names of object properties are names like others', async () => {
  const text = await textOf([{ strategy_used: '__proto__', failure_type: 'constructor' }]);
  expect(text).toContain('{strategy="__proto__",failure_type="constructor",trigger="reactive"} 1');
});
