/**
 * Events that come few by few make blocks that pack badly, and to pack each costs more than most of
 * what is done for it. They are written as they are. When enough of them stand at the end of the
 * log, or a large block comes after them, they are written again as one block, in the transaction
 * of the append that made it so.
 */
import { PLAIN, type Entries } from './block.js';
import type { BlockSummary, Blocks } from './blocks.js';
import { joinEntries } from './entries.js';

/** From this size on a block packs well enough. */
const SMALL_EVENTS = 100;
/** Or from this one, where events are longer than usual. */
const SMALL_BYTES = 32 * 1024;
const JOINED_EVENTS = 500;

export class LooseBlocks {
  readonly #blocks: Blocks;
  /** First of the small blocks at the end of the log, and the events in them. */
  #firstSeq = 1;
  #events = 0;

  constructor(blocks: Blocks, lastSeq: number) {
    this.#blocks = blocks;
    this.recount(lastSeq);
  }

  /** At the opening, and after a rollback. */
  recount(lastSeq: number): void {
    this.#events = 0;
    for (const block of this.#blocks.from(lastSeq - JOINED_EVENTS, JOINED_EVENTS + 1)) {
      if (block.encoding === PLAIN) this.#count(block.first_seq, block.events);
      else this.#events = 0;
    }
  }

  /** Appends entries, of which there is at least one, to the log. Inside of a transaction. */
  append(firstSeq: number, entries: Entries): void {
    if (entries.count >= SMALL_EVENTS || textBytes(entries) >= SMALL_BYTES) {
      if (this.#events > 1) this.#join();
      this.#events = 0;
      this.#blocks.append(firstSeq, entries);
      return;
    }
    this.#blocks.append(firstSeq, entries, Infinity);
    this.#count(firstSeq, entries.count);
    if (this.#events >= JOINED_EVENTS) this.#join();
  }

  #count(firstSeq: number, events: number): void {
    if (this.#events === 0) this.#firstSeq = firstSeq;
    this.#events += events;
  }

  #join(): void {
    this.#events = 0;
    const rows = this.#blocks.from(this.#firstSeq, JOINED_EVENTS);
    const entries = rows.map((row) => this.#blocks.read(row));
    // A damaged one stays where it is, for all to see, and so do its neighbours.
    if (!isWhole(rows, entries)) return;
    for (const row of rows) this.#blocks.delete(row);
    // Retention may have deleted some in front of them since they were counted.
    const [first] = rows;
    if (first !== undefined) this.#blocks.append(first.first_seq, joinEntries(entries));
  }
}

function textBytes({ count, spans }: Entries): number {
  let bytes = 0;
  for (let i = 0; i < 2 * count; i += 2) bytes += (spans[i + 1] ?? 0) - (spans[i] ?? 0);
  return bytes;
}

function isWhole(
  rows: readonly BlockSummary[],
  entries: readonly (Entries | undefined)[],
): entries is readonly Entries[] {
  const gapless = rows.every(({ first_seq: first }, i) => {
    const before = rows[i - 1];
    return before === undefined || first === before.first_seq + before.events;
  });
  return gapless && entries.every((entry) => entry !== undefined);
}
