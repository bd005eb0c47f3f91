/** Events and groups as tests and fault tools make them. Nothing here needs vitest. */
import type { Input } from '../../src/core/event.js';
import type { AppendGroup, Checkpoint } from '../../src/core/ports.js';

/** 2026-11-23T18:40:00Z, in the middle of an hour. */
export const NOON_MS = 1_795_459_200_000;

export interface TestEvent {
  readonly id: string;
  readonly source?: string;
  readonly timeMs?: number;
  readonly type?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const textOf = ({ id, source = '/swarms/alpha', timeMs = NOON_MS, type, data }: TestEvent) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type: type ?? 'selfhealer.heartbeat',
    time: new Date(timeMs).toISOString(),
    ...(data === undefined ? {} : { data }),
  });

export interface GroupOptions {
  readonly input?: Input;
  readonly receivedMs?: number;
  readonly checkpoint?: Checkpoint;
  readonly separator?: string;
}

export function groupOf(events: readonly TestEvent[], options: GroupOptions = {}): AppendGroup {
  const { separator = '\n', checkpoint } = options;
  const texts = events.map(textOf);
  const bytes = Buffer.from(texts.join(separator));
  const spans = new Uint32Array(events.length * 2);
  let at = 0;
  for (const [i, text] of texts.entries()) {
    const end = at + Buffer.byteLength(text);
    spans.set([at, end], 2 * i);
    at = end + Buffer.byteLength(separator);
  }
  const sources = [...new Set(events.map(({ source = '/swarms/alpha' }) => source))];
  return {
    input: options.input ?? 'http',
    receivedMs: options.receivedMs ?? NOON_MS,
    bytes,
    spans,
    sources,
    sourceIndex: Uint32Array.from(events, ({ source = '/swarms/alpha' }) =>
      sources.indexOf(source),
    ),
    ...idsIn(bytes, events),
    timesMs: Float64Array.from(events, ({ timeMs = NOON_MS }) => timeMs),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

/** Those that stand in the text as they are, and the others. */
function idsIn(
  bytes: Buffer,
  events: readonly TestEvent[],
): Pick<AppendGroup, 'idSpans' | 'otherIds'> {
  const idSpans = new Uint32Array(2 * events.length);
  const otherIds = new Map<number, string>();
  let behind = 0;
  for (const [i, { id }] of events.entries()) {
    const at = bytes.indexOf(`"id":${JSON.stringify(id)}`, behind) + '"id":"'.length;
    const isAsItIs = JSON.stringify(id) === `"${id}"` && /^[ -~]+$/.test(id);
    if (isAsItIs) idSpans.set([at, at + id.length], 2 * i);
    else otherIds.set(i, id);
    behind = at;
  }
  return { idSpans, otherIds };
}

export const heartbeats = (from: number, count: number, timeMs?: number): TestEvent[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `e-${from + i}`,
    ...(timeMs === undefined ? {} : { timeMs }),
  }));

export function completed(
  id: string,
  timeMs: number,
  data: Readonly<Record<string, unknown>> = {},
): TestEvent {
  return {
    id,
    timeMs,
    type: 'selfhealer.healing.completed',
    data: {
      failure_id: `agent_down_${id}`,
      strategy_used: 'AgentRestartStrategy',
      success: true,
      duration_ms: 150,
      ...data,
    },
  };
}
