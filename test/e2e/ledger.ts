/**
 * A sender with a memory outside of the exporter: which events it made, and which of them were
 * acknowledged. What the exporter says afterwards is held against it.
 */
import { completion } from '../sources/pipeline-rig.js';

const LINES_A_REQUEST = 20;

export class Ledger {
  /** By id. Acknowledged, each once, whatever happened since. */
  readonly acknowledged = new Map<string, string>();
  /** By id. Sent, and no answer came. */
  readonly unknown = new Map<string, string>();
  #made = 0;

  get lines(): string[] {
    return [...this.acknowledged.values(), ...this.unknown.values()];
  }

  /**
   * Sends until `signal` aborts or the exporter is gone. Resolves with the statuses of its answers.
   */
  async send(url: string, signal: AbortSignal): Promise<ReadonlySet<number>> {
    const statuses = new Set<number>();
    while (!signal.aborted) {
      const batch = this.#batch();
      for (const [id, line] of batch) this.unknown.set(id, line);
      const answer = await post(url, [...batch.values()]);
      if (answer === undefined) break;
      statuses.add(answer.status);
      if (answer.status === 503) break;
      for (const [id, line] of batch) {
        this.unknown.delete(id);
        this.acknowledged.set(id, line);
      }
    }
    return statuses;
  }

  #batch(): Map<string, string> {
    const batch = new Map<string, string>();
    for (let i = 0; i < LINES_A_REQUEST; i++) {
      this.#made += 1;
      const id = `ledger-${this.#made}`;
      const data = { strategy_used: `S${this.#made % 3}`, success: this.#made % 4 > 0 };
      batch.set(id, completion({ id, data }));
    }
    return batch;
  }
}

export interface Settled {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly unknown[];
}

export async function post(
  url: string,
  lines: readonly string[],
): Promise<{ readonly status: number; readonly settled: Settled } | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    return { status: response.status, settled: (await response.json()) as Settled };
  } catch {
    return undefined; // no answer: nobody knows
  }
}

/** Series to value, of the counters that must never fall. */
export async function domainCounters(url: string): Promise<Map<string, number> | number> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  if (response.status !== 200) return response.status;
  const counters = new Map<string, number>();
  const isCounter =
    /^(selfhealer_(?!exporter_)\w+(?:_total|_count|_bucket)|selfhealer_exporter_events_total)\b/;
  for (const line of text.split('\n')) {
    if (!isCounter.test(line)) continue;
    const space = line.lastIndexOf(' ');
    counters.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return counters;
}

export function sumOf(counters: ReadonlyMap<string, number>, name: string): number {
  let sum = 0;
  for (const [series, value] of counters) if (series.startsWith(`${name}{`)) sum += value;
  return sum;
}
