// What a healer emits inside a span of its host belongs to that span's trace.
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import {
  context,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
} from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createExporter } from '../../src/index.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const storage = new AsyncLocalStorage<Context>();

/** What the SDK of the host would bring. */
const manager: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (given, fn, thisArg, ...args) => storage.run(given, () => fn.apply(thisArg, args)),
  bind: (_given, target) => target,
  enable: () => manager,
  disable: () => manager,
};

beforeEach(() => void context.setGlobalContextManager(manager));
afterEach(() => context.disable());

test('an emitted event carries the active span, unless it brings its own or there is none', async () => {
  const exporter = await createExporter({ store: 'memory', logger: () => undefined });
  const healer = new EventEmitter();
  exporter.attach(healer, { source: '/s' });
  const emit = (failureId: string, more: object = {}): void => {
    const completion = { failureId, strategyUsed: 'S', success: true, durationMs: 5, ...more };
    healer.emit('healing.completed', completion);
  };
  const span = trace.wrapSpanContext({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 });
  const own = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
  context.with(trace.setSpan(context.active(), span), () => {
    emit('in-span');
    emit('own', { traceparent: own });
  });
  const invalid = trace.wrapSpanContext({ traceId: '0', spanId: '0', traceFlags: 0 });
  context.with(trace.setSpan(context.active(), invalid), () => emit('in-invalid-span'));
  const loud = {
    traceId: TRACE_ID.toUpperCase(),
    spanId: SPAN_ID.toUpperCase(),
    traceFlags: 0x101,
  };
  context.with(trace.setSpan(context.active(), trace.wrapSpanContext(loud)), () => {
    emit('in-capitals');
    emit('own-broken', { traceparent: 'none' });
  });
  emit('outside');
  await exporter.flush();
  const { recent_timeline: timeline } = await exporter.report();
  await exporter.close();

  const traces = Object.fromEntries(timeline.map((one) => [one.failure_id, one.traceparent]));
  expect(traces).toEqual({
    'in-span': `00-${TRACE_ID}-${SPAN_ID}-01`,
    own,
    'in-invalid-span': null,
    'in-capitals': `00-${TRACE_ID}-${SPAN_ID}-01`,
    'own-broken': null,
    outside: null,
  });
});
