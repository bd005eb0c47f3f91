/**
 * Minute cells and labels on their way to the store's worker: bytes and the distinct names. As
 * objects with maps in them they would cost ten times as much to send, and the bytes of an agent's
 * cell go to the disk as they are.
 */
import { LabelTree } from '../core/label-tree.js';
import type { AttemptLabels, Derived } from '../core/ports.js';
import { emptyCell, type MinuteCell } from '../core/rollup.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { addCell, writeCell } from './cells.js';

export interface PackedDerived {
  readonly throughSeq: number;
  /** Distinct triples: source, failure type, strategy, and again. */
  readonly triples: readonly string[];
  /** Distinct agents. The first is '', no agent. */
  readonly agents: readonly string[];
  /** Records: length of what follows, triple, agent, minute, cell. */
  readonly cells: Uint8Array;
  /** Distinct failure types of `labels`. */
  readonly types: readonly string[];
  /** [seq, failure type, agent (0: none), …]. */
  readonly labels: Float64Array;
}

/** What stands before the cell in a record. */
export interface CellHead {
  readonly triple: number;
  readonly agent: number;
  readonly minute: number;
  /** Where in `cells` the cell begins and ends. */
  readonly start: number;
  readonly end: number;
}

export function packDerived({ throughSeq, cells, labels }: Derived): PackedDerived {
  const triples: string[] = [];
  const tripleNos = new LabelTree<number>();
  const agents = new NumberedNames(['']);
  const types = new NumberedNames([]);
  const packed = new ByteWriter();
  const record = new ByteWriter();
  for (const { minute, source, failureType, strategy, agentId, cell } of cells) {
    let no = tripleNos.get(source, failureType, strategy);
    if (no === undefined) {
      no = triples.length / 3;
      tripleNos.set([source, failureType, strategy], no);
      triples.push(source, failureType, strategy);
    }
    record.clear();
    record.whole(no);
    record.whole(agents.numberOf(agentId));
    record.whole(minute);
    writeCell(record, cell, Math.floor(minute / 60) % 24);
    packed.whole(record.length);
    packed.append(record.view());
  }
  const flatLabels = new Float64Array(labels.length * 3);
  for (const [i, { seq, failureType, agentId }] of labels.entries()) {
    flatLabels[3 * i] = seq;
    flatLabels[3 * i + 1] = types.numberOf(failureType);
    flatLabels[3 * i + 2] = agents.numberOf(agentId ?? '');
  }
  return {
    throughSeq,
    triples,
    agents: agents.names,
    cells: packed.finish(),
    types: types.names,
    labels: flatLabels,
  };
}

/** Goes over the records. `visit` may read the cell with the reader, or leave it. */
export function readPackedCells(
  { cells }: PackedDerived,
  visit: (head: CellHead, reader: ByteReader) => void,
): void {
  const reader = new ByteReader(cells);
  while (!reader.isAtEnd) {
    const length = reader.whole();
    const end = reader.position + length;
    const triple = reader.whole();
    const agent = reader.whole();
    const minute = reader.whole();
    visit({ triple, agent, minute, start: reader.position, end }, reader);
    reader.skip(end - reader.position);
  }
}

export function unpackDerived(packed: PackedDerived): Derived {
  const { throughSeq, triples, agents } = packed;
  const cells: MinuteCell[] = [];
  readPackedCells(packed, ({ triple, agent, minute }, reader) => {
    const cell = emptyCell();
    addCell(cell, reader, Math.floor(minute / 60) % 24);
    const [source = '', failureType = '', strategy = ''] = triples.slice(
      3 * triple,
      3 * triple + 3,
    );
    cells.push({ minute, source, failureType, strategy, agentId: agents[agent] ?? '', cell });
  });
  return { throughSeq, cells, labels: [...unpackLabels(packed)] };
}

function* unpackLabels({ types, agents, labels }: PackedDerived): Generator<AttemptLabels> {
  for (let i = 0; i + 2 < labels.length; i += 3) {
    const agent = labels[i + 2] ?? 0;
    yield {
      seq: labels[i] ?? 0,
      failureType: types[labels[i + 1] ?? 0] ?? '',
      agentId: agent === 0 ? undefined : agents[agent],
    };
  }
}

class NumberedNames {
  readonly names: string[];
  readonly #numbers = new Map<string, number>();

  constructor(names: string[]) {
    this.names = names;
    for (const [no, name] of names.entries()) this.#numbers.set(name, no);
  }

  numberOf(name: string): number {
    let no = this.#numbers.get(name);
    if (no === undefined) {
      no = this.names.length;
      this.names.push(name);
      this.#numbers.set(name, no);
    }
    return no;
  }
}
