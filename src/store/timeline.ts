/**
 * The newest attempts, from the events themselves. Without a filter the blocks are read newest
 * first; with one the rollups name the minutes that hold a match, and only blocks over those are
 * read.
 */
import type {
  AttemptLabels,
  Derived,
  Filters,
  TimelineQuery,
  TimelineRow,
  TimeRange,
} from '../core/ports.js';
import { attemptRanges } from './attempt-ranges.js';
import { inputAt, type Entries } from './block.js';
import type { BlockSummary, Blocks } from './blocks.js';
import { matches } from './filters.js';
import type { HistoryParts } from './asked.js';
import { asObject, field, parseObject } from './json.js';
import type { StoredLabels } from './stored-labels.js';

const COMPLETED = 'selfhealer.healing.completed';
const EVER: TimeRange = { fromMs: -8.64e15, toMs: 8.64e15 };

interface Parts extends HistoryParts {
  readonly blocks: Blocks;
  readonly labels: StoredLabels;
}

type Candidate = TimelineRow & { readonly timeMs: number };

export function readTimeline(parts: Parts, query: TimelineQuery): TimelineRow[] {
  const range = query.range ?? EVER;
  const labelsOf = labelReader(parts, query.pending);
  const seen = new Set<number>();
  let found: Candidate[] = [];
  for (const { blocks, aboveMs } of candidateBlocks(parts, range, query)) {
    for (const block of blocks) {
      if (seen.has(block.first_seq)) continue;
      seen.add(block.first_seq);
      const entries = parts.blocks.read(block);
      if (entries === undefined) continue;
      const labels = labelsOf(block);
      const { filters, limit } = query;
      found.push(...attemptsIn({ block, entries, range, filters, limit, labels }));
    }
    found = newest(found, query.limit);
    const [oldest] = found.slice(query.limit - 1);
    if (oldest !== undefined && oldest.timeMs > aboveMs) break;
  }
  return found.map(({ timeMs: _timeMs, ...row }) => row);
}

function newest(found: readonly Candidate[], limit: number): Candidate[] {
  return [...found].sort((a, b) => b.timeMs - a.timeMs || b.seq - a.seq).slice(0, limit);
}

/** Blocks to read; every attempt later than `aboveMs` is then read. */
interface Step {
  readonly blocks: Iterable<BlockSummary>;
  readonly aboveMs: number;
}

function* candidateBlocks(parts: Parts, range: TimeRange, query: TimelineQuery): Generator<Step> {
  const { blocks } = parts;
  if (Object.values(query.filters).every((filter) => filter === undefined)) {
    let last: BlockSummary | undefined;
    for (const block of blocks.overlapping(range.fromMs, range.toMs)) {
      if (last !== undefined) yield { blocks: [last], aboveMs: block.max_ms };
      last = block;
    }
    if (last !== undefined) yield { blocks: [last], aboveMs: -Infinity };
    return;
  }
  let last: TimeRange | undefined;
  for (const part of attemptRanges(parts, range, query)) {
    if (last !== undefined) {
      yield { blocks: blocks.overlapping(last.fromMs, last.toMs), aboveMs: part.toMs };
    }
    last = part;
  }
  if (last !== undefined) {
    yield { blocks: blocks.overlapping(last.fromMs, last.toMs), aboveMs: -Infinity };
  }
}

/** Labels that incidents gave to attempts of a block, by sequence. */
type LabelReader = (block: BlockSummary) => ReadonlyMap<number, AttemptLabels>;

function labelReader({ labels: stored, names }: Parts, pending: readonly Derived[]): LabelReader {
  const fresh = pending.flatMap(({ labels }) => labels);
  return ({ first_seq: from, events }) => {
    const labels = new Map<number, AttemptLabels>();
    for (const { seq, typeNo, agentNo } of stored.of(from, from + events)) {
      const agentId = agentNo === 0 ? undefined : names.nameOf(agentNo);
      labels.set(seq, { seq, failureType: names.nameOf(typeNo), agentId });
    }
    for (const label of fresh) {
      if (label.seq >= from && label.seq < from + events) labels.set(label.seq, label);
    }
    return labels;
  };
}

interface Search {
  readonly block: BlockSummary;
  readonly entries: Entries;
  readonly range: TimeRange;
  readonly filters: Filters;
  readonly limit: number;
  readonly labels: ReadonlyMap<number, AttemptLabels>;
}

function attemptsIn(of: Search): Candidate[] {
  const { block, entries, range, filters, labels } = of;
  const { buffer, byteOffset, length } = entries.text;
  const text = Buffer.from(buffer, byteOffset, length);
  const found: Candidate[] = [];
  for (const i of newestFirst(candidatesIn(of, text), entries)) {
    if (found.length === of.limit) break;
    const timeMs = entries.timesMs[i] ?? 0;
    if (timeMs < range.fromMs || timeMs >= range.toMs) continue;
    const event = text.toString('utf8', entries.spans[2 * i], entries.spans[2 * i + 1]);
    const parsed = parseObject(event);
    if (field(parsed, 'type') !== COMPLETED) continue;
    const seq = block.first_seq + i;
    const { failureType, agentId } = labels.get(seq) ?? labelsFromData(asObject(parsed?.['data']));
    const strategy = field(asObject(parsed?.['data']), 'strategy_used') ?? '';
    const source = field(parsed, 'source') ?? '';
    if (!matches(filters, { source, failureType, strategy, agentId: agentId ?? '' })) continue;
    const receivedMs = entries.receivedMs[i] ?? 0;
    found.push({
      timeMs,
      seq,
      receivedMs,
      input: inputAt(entries, i),
      event,
      failureType,
      agentId,
    });
  }
  return found;
}

/**
 * Events that may match, so that most are never parsed: those whose text holds the rarest word that
 * is asked for. Where a backslash stands a word may be written otherwise, and a label may come from
 * elsewhere: such events are looked at too.
 */
function candidatesIn({ block, entries, filters, labels }: Search, text: Buffer): Iterable<number> {
  const { agentId, strategy, failureType, source } = filters;
  const type = failureType === 'unknown' ? undefined : failureType;
  const found = new Set<number>();
  addEventsWith(found, agentId ?? strategy ?? type ?? source ?? COMPLETED, entries, text);
  addEventsWith(found, '\\', entries, text);
  for (const seq of labels.keys()) found.add(seq - block.first_seq);
  return found;
}

function newestFirst(events: Iterable<number>, { timesMs }: Entries): number[] {
  return [...events].sort((a, b) => (timesMs[b] ?? 0) - (timesMs[a] ?? 0) || b - a);
}

function addEventsWith(found: Set<number>, word: string, { spans }: Entries, text: Buffer): void {
  const bytes = Buffer.from(word);
  let event = 0;
  for (let at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, spans[2 * event + 1])) {
    while ((spans[2 * event + 1] ?? Infinity) <= at) event += 1;
    found.add(event);
  }
}

function labelsFromData(data: Readonly<Record<string, unknown>> | undefined): {
  readonly failureType: string;
  readonly agentId: string | undefined;
} {
  const failureId = field(data, 'failure_id') ?? '';
  const prefix = failureId.slice(0, Math.max(0, failureId.indexOf('_')));
  return {
    failureType: field(data, 'failure_type') ?? (prefix === '' ? 'unknown' : prefix),
    agentId: field(data, 'agent_id') ?? field(asObject(data?.['metadata']), 'agent_id'),
  };
}
