/**
 * The body of `/metrics`: values copied in one moment, then written in slices, so that nothing else waits long.
 * Who asks while another's values have not been copied yet shares its rendering; who asks later must see later
 * values, and shares the next one. So a hundred scrapes at once cost two renderings.
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
  /** By format: what has not copied its values yet. */
  readonly #waiting = new Map<Format, Promise<Rendering>>();
  /** Of everything that was asked for so far. One is written after the other: their slices do not add up. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ScrapeParts) {}

  /** Shows what holds now or a little later. */
  render(format: Format): Promise<Rendering> {
    const waiting = this.#waiting.get(format);
    if (waiting !== undefined) return waiting;
    const rendering = this.#written.then(() => this.#render(format));
    this.#waiting.set(format, rendering);
    // Whatever becomes of this one, the next stands for itself.
    this.#written = rendering.catch(() => undefined);
    return rendering;
  }

  async #render(format: Format): Promise<Rendering> {
    let foreign: readonly ForeignMetric[];
    try {
      foreign = await this.parts.foreign();
      // Requests that came in together are read in one turn of the event loop: all of them share.
      await nextTurn();
    } finally {
      this.#waiting.delete(format);
    }
    const families = [...this.parts.walker.read(this.parts.view()), ...foreign.map(foreignFamily)];
    return this.#write(format, families);
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
