/**
 * A table of leases: one file a slot, in a directory that all agents share. An agent needs one to
 * start, and gives it back when it ends in good order. An agent that crashes or is killed does not,
 * and nobody cleans up after it. This is the demo's slow defect, and a common one.
 *
 * An agent looks at eight random slots. With a share f of the slots taken, it finds none with
 * probability f^8: 2 % at 60 %, 17 % at 80 %, 61 % at 94 %. So restarts work well for long, then
 * soon no longer, and nothing but the directory says why.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from './prng.js';

const PROBES = 8;
/** How full the table is when the wear begins to show. */
const FILL_AT_WEAR = 0.6;

interface Lease {
  readonly slot: number;
  readonly pid: number;
  readonly takenMs: number;
}

export class LeaseTable {
  readonly directory: string;
  readonly capacity: number;

  constructor({ directory, capacity }: { directory: string; capacity: number }) {
    this.directory = directory;
    this.capacity = capacity;
  }

  /** An empty table that gets tight after about so many crashed and restarted agents. */
  static create(wearAfter: number): LeaseTable {
    const directory = mkdtempSync(join(tmpdir(), 'selfhealer-demo-leases-'));
    return new LeaseTable({ directory, capacity: Math.ceil(wearAfter / FILL_AT_WEAR) });
  }

  #path(slot: number): string {
    return join(this.directory, `slot-${slot}`);
  }

  /** Takes a free slot for this process; undefined when none of those it looked at was free. */
  claim(random: Random): number | undefined {
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = random.below(this.capacity);
      if (existsSync(this.#path(slot))) continue;
      try {
        writeFileSync(this.#path(slot), String(process.pid), { flag: 'wx' });
        return slot;
      } catch {
        // Another agent was faster: this slot is taken like any other.
      }
    }
    return undefined;
  }

  /** Takes over a slot that is known to be nobody's any more. */
  take(slot: number): void {
    writeFileSync(this.#path(slot), String(process.pid));
  }

  release(slot: number): void {
    rmSync(this.#path(slot), { force: true });
  }

  used(): number {
    return readdirSync(this.directory).length;
  }

  /** Leases whose process is gone, oldest first. */
  stale(livePids: ReadonlySet<number>): Lease[] {
    return readdirSync(this.directory)
      .flatMap((name) => this.#read(Number(name.slice('slot-'.length))) ?? [])
      .filter(({ pid }) => !livePids.has(pid))
      .sort((a, b) => a.takenMs - b.takenMs);
  }

  /** Undefined for a slot that is just being given back or taken. */
  #read(slot: number): Lease | undefined {
    try {
      const pid = Number(readFileSync(this.#path(slot), 'utf8'));
      return pid > 0 ? { slot, pid, takenMs: statSync(this.#path(slot)).mtimeMs } : undefined;
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
