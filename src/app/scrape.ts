/**
 * The body of `/metrics`: values copied in one moment, then written in slices, so that nothing else waits long.
 * Who asks while another's values have not been copied yet shares its rendering; who asks later must see later
 * values, and shares the next one. So there are never more than two renderings of a format at a time.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../core/ports.js';
import type { Format } from '../exposition/formats.js';
import { foreignFamily, type ForeignMetric } from '../exposition/prometheus/foreign-families.js';
import type { MetricFamily, RowWalker } from '../exposition/row-walker.js';
import type { MetricsView } from '../metrics/view.js';
import { nextTurn, Slice } from '../pipeline/slice.js';

export interface ScrapeParts {
  readonly walker: RowWalker;
  readonly view: () => MetricsView;
  /** Metrics that stand in no row: of the process, or of the application. */
  readonly foreign: () => Promise<readonly ForeignMetric[]>;
  readonly clock: Clock;
}

export interface Rendering {
  readonly body: Buffer;
  /** The same, packed: once for all who want it so. */
  packed(): Promise<Buffer>;
}

/** Fast: the text is the same again and again, and packs well at any level. */
const PACKING = { level: 1 } as const;
const pack = promisify(gzip);

export class Scrapes {
  /** By format: what is being written, and what is to be written after it. */
  readonly #present = new Map<Format, Promise<Rendering>>();
  readonly #next = new Map<Format, Promise<Rendering>>();

  constructor(private readonly parts: ScrapeParts) {}

  /** Shows what holds now or a little later. */
  render(format: Format): Promise<Rendering> {
    const waiting = this.#next.get(format);
    if (waiting !== undefined) return waiting;
    const present = this.#present.get(format) ?? Promise.resolve();
    const next = present.then(nothing, nothing).then(() => this.#begin(format));
    this.#next.set(format, next);
    return next;
  }

  async #begin(format: Format): Promise<Rendering> {
    const mine = this.#next.get(format);
    try {
      const foreign = await this.parts.foreign();
      // Requests that came in together are read in one turn of the event loop: all of them share.
      await nextTurn();
      this.#next.delete(format);
      if (mine !== undefined) this.#present.set(format, mine);
      const families = [
        ...this.parts.walker.read(this.parts.view()),
        ...foreign.map(foreignFamily),
      ];
      return await this.#write(format, families);
    } finally {
      if (this.#next.get(format) === mine) this.#next.delete(format);
      if (this.#present.get(format) === mine) this.#present.delete(format);
    }
  }

  async #write({ writer }: Format, families: readonly MetricFamily[]): Promise<Rendering> {
    const slice = new Slice(this.parts.clock);
    // The copying was one piece of work; the writing begins with a piece of its own.
    await slice.pause();
    const writing = writer.write(families);
    let step = writing.next();
    while (step.done !== true) {
      if (slice.isOver()) await slice.pause();
      step = writing.next();
    }
    return new Written(Buffer.concat(step.value));
  }
}

class Written implements Rendering {
  #packed: Promise<Buffer> | undefined;

  constructor(readonly body: Buffer) {}

  packed(): Promise<Buffer> {
    this.#packed ??= pack(this.body, PACKING);
    return this.#packed;
  }
}

function nothing(): void {
  // Whatever became of the rendering before, the next one stands for itself.
}
