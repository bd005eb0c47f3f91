/**
 * The name that OpenTelemetry's compatibility specification gives a metric in Prometheus, with endings and escaped: what
 * the Collector and Prometheus do by default.
 */

export type PointKind = 'counter' | 'up_down_counter' | 'gauge' | 'histogram';

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  '%': 'percent',
  '1': '',
};
const PER: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

export function prometheusName(otel: string, unit: string, kind: PointKind): string {
  let words = otel.split(/[^A-Za-z0-9:]+/).filter(Boolean);
  const [main = '', per] = unit.split('/', 2).map((part) => part.trim());
  const ending = endingOf(main, UNITS);
  if (ending !== '' && !words.includes(ending)) words.push(ending);
  const perEnding = per === undefined ? '' : endingOf(per, PER);
  if (perEnding !== '' && !words.includes(`per_${perEnding}`)) words.push(`per_${perEnding}`);
  // What is there already moves to the end.
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (unit === '1' && kind === 'gauge') {
    words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  }
  const name = words.join('_');
  return /^\d/.test(name) ? `_${name}` : name;
}

/** Braces are a remark and no unit; a unit that nobody knows is its own ending. */
function endingOf(unit: string, known: Readonly<Record<string, string>>): string {
  if (unit === '' || /[{}]/.test(unit)) return '';
  return (
    known[unit] ??
    unit
      .split(/[^A-Za-z0-9:]+/)
      .filter(Boolean)
      .join('_')
  );
}
