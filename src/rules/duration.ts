/** Durations as Prometheus writes them: `90s`, `1h30m`, `250ms`. Inside, milliseconds. */

const UNITS = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;
const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds; undefined for what is no duration, or longer than a year. `0` and `0s` are none at all. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = DURATION.exec(text);
  if (parts === null || text === '') return undefined;
  const durationMs = UNITS.reduce(
    (sum, [, unitMs], i) => sum + Number(parts[i + 1] ?? 0) * unitMs,
    0,
  );
  return durationMs <= 366 * 86_400_000 ? durationMs : undefined;
}

/** In the largest unit that divides it, hours rather than weeks, so that `1d` stays `1d` and `90m` stays `90m`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  for (const [unit, unitMs] of UNITS) {
    if (unit !== 'w' && durationMs % unitMs === 0) return `${durationMs / unitMs}${unit}`;
  }
  return `${Math.max(1, Math.round(durationMs))}ms`;
}
