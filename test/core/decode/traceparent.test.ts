// The trace that an event belongs to: taken where it is well-formed, and never a reason to reject.
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { RECEIVED_MS, validEvent } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

function traceparentOf(traceparent: unknown): string | undefined {
  const event = { ...validEvent('selfhealer.healing.completed'), traceparent };
  const decoded = decodeValue(event, CONTEXT);
  if (!decoded.ok) expect.fail(decoded.message);
  return decoded.event.traceparent;
}

test.each(['00', '01', 'ff'])('a well-formed one with flags %s is taken as it is', (flags) => {
  const given = `00-${TRACE_ID}-${SPAN_ID}-${flags}`;
  expect(traceparentOf(given)).toBe(given);
});

test.each([
  ['01', '01', '', '01'],
  ['cc', '03', '-what-comes-then', '01'],
  ['fe', 'fe', '-', '00'],
])('version %s is read as version 00', (version, flags, more, read) => {
  const given = `${version}-${TRACE_ID}-${SPAN_ID}-${flags}${more}`;
  expect(traceparentOf(given)).toBe(`00-${TRACE_ID}-${SPAN_ID}-${read}`);
});

describe('what is none is ignored, and the event is taken', () => {
  test.each([
    ['nothing', null],
    ['a number', 7],
    ['a list', []],
    ['no text', ''],
    ['a version that there cannot be', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['a version that is no number', `0x-${TRACE_ID}-${SPAN_ID}-01`],
    ['a later version with a trace id of zeros', `01-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a later version in capitals', `01-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['a later version that goes on without a dash', `01-${TRACE_ID}-${SPAN_ID}-011`],
    ['a later version that is too short', `01-${TRACE_ID}-${SPAN_ID}-0`],
    ['a megabyte', '0'.repeat(50_000)],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['a short id', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
    ['more behind it', `00-${TRACE_ID}-${SPAN_ID}-01-x`],
    ['a line end behind it', `00-${TRACE_ID}-${SPAN_ID}-01\n`],
    ['a quote', `00-${TRACE_ID}-${SPAN_ID}-0"`],
  ])('%s', (_name, given) => {
    expect(traceparentOf(given)).toBeUndefined();
  });
});
