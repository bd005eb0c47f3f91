/**
 * Events that come one by one make blocks of one, eight times as large as they need be. When enough
 * of them stand at the end of the log they are written again as one block, in the transaction of
 * the append that made them enough.
 */
import type { Entries } from './block.js';
import type { BlockSummary, Blocks } from './blocks.js';
import { joinEntries } from './entries.js';

/** From this size on a block packs well enough. */
const SMALL_EVENTS = 20;
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
    this.#firstSeq = lastSeq + 1;
    this.#events = 0;
    for (const block of this.#blocks.from(lastSeq - JOINED_EVENTS, JOINED_EVENTS + 1)) {
      this.#count(block.first_seq, block.events);
    }
  }

  /** Call it for what was just appended, inside of its transaction. */
  add(firstSeq: number, events: number): void {
    this.#count(firstSeq, events);
    if (this.#events >= JOINED_EVENTS) this.#join();
  }

  #count(firstSeq: number, events: number): void {
    if (events < SMALL_EVENTS) {
      if (this.#events === 0) this.#firstSeq = firstSeq;
      this.#events += events;
    } else {
      this.#events = 0;
    }
  }

  #join(): void {
    this.#events = 0;
    const rows = this.#blocks.from(this.#firstSeq, JOINED_EVENTS);
    const entries = rows.map((row) => this.#blocks.read(row));
    // A damaged one stays where it is, for all to see, and so do its neighbours.
    if (!isWhole(rows, entries)) return;
    for (const row of rows) this.#blocks.delete(row);
    this.#blocks.append(this.#firstSeq, joinEntries(entries));
  }
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
