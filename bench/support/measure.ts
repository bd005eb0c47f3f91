// How the benchmarks measure: in rounds that take turns, so that a machine that slows down slows all of them, and
// with the processor time of whole processes, because a loaded machine's wall clock says little.
import { readdirSync, readFileSync } from 'node:fs';

export interface Comparison {
  readonly name: string;
  /** What was measured, in the order in which it was measured; the first is ours. */
  readonly contestants: readonly Contestant[];
  readonly limits: readonly Limit[];
  readonly notes: readonly string[];
}

export interface Contestant {
  readonly name: string;
  readonly unit: string;
  /** One value a round. */
  readonly values: readonly number[];
}

/** Median over the rounds of one contestant's value divided by another's. */
export interface Limit {
  readonly what: string;
  readonly ratio: number;
  readonly ratioMax: number | undefined;
}

/** Processor time of a process, all its threads, in microseconds. Linux. */
export function cpuMicros(pid: number): number {
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanos += Number(running);
  }
  return nanos / 1000;
}

/** How long the main thread of this process was ready to run and had no processor, in milliseconds. Linux. */
export function waitedMillis(): number {
  const schedule = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8');
  return Number(schedule.split(' ')[1]) / 1e6;
}

export function rssMegabytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? NaN) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median of the ratios of each round: what both met in that round cancels out. */
function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? NaN)));
}

export function ratioOf(
  what: string,
  ours: readonly number[],
  theirs: readonly number[],
  ratioMax: number | undefined,
): Limit {
  return { what, ratio: medianRatio(ours, theirs), ratioMax };
}

/** `npm run bench -- --short`: enough to show that it works, on a machine that does other things too. */
export function isShort(): boolean {
  return process.env['BENCH_SHORT'] === '1';
}

/** Prints table and JSON. Outside a limit the exit code is 1, but for a short run: its few rounds prove nothing. */
export function publish(comparison: Comparison): void {
  console.log(format(comparison));
  console.log(JSON.stringify(comparison));
  if (!isShort() && !comparison.limits.every(isWithin)) process.exitCode = 1;
}

function isWithin({ ratio, ratioMax }: Limit): boolean {
  return ratioMax === undefined || ratio <= ratioMax;
}

function format(comparison: Comparison): string {
  const rows = comparison.contestants.map(({ name, unit, values }) => [
    name,
    `${median(values).toPrecision(3)} ${unit}`,
    `${Math.min(...values).toPrecision(3)} – ${Math.max(...values).toPrecision(3)}`,
  ]);
  const limits = comparison.limits.map((limit) => [
    limit.what,
    limit.ratio.toPrecision(3),
    limit.ratioMax === undefined
      ? ''
      : `limit ${limit.ratioMax}: ${isWithin(limit) ? 'within' : 'OVER'}`,
  ]);
  return [`\n${comparison.name}`, ...columns(rows), ...columns(limits), ...comparison.notes]
    .map((line, i) => (i === 0 ? line : `  ${line}`))
    .join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
