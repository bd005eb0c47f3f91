/** docs/statistics.md: every check with what was promised and measured, and the tables told elsewhere from it. */
import { readFileSync } from 'node:fs';
import { TOLD_CHANGES, TOLD_RATES } from './told-delays.js';
import type { Row } from './table.js';

export interface Section {
  readonly name: string;
  readonly rows: readonly Row[];
}

const INTRODUCTION = `# What the analyses promise, and what was measured

\`npm run test:statistics\` simulates strategies, incidents, fleets and predictions with fixed seeds, holds what the analyses say of them
against limits, and ends with this table. It fails when a limit is broken, and when the figures here are no longer those of the run;
\`STATISTICS_PAGE=write npm run test:statistics\` writes them anew. Several figures are those of several seeds. Rows that begin with
*control* judge the same data by a rule that is not used here: it must break the limit, or the check would prove nothing. Rows that begin with
*mutant* do the same with this exporter's own rule, broken on purpose. Rows without a limit are told in [analysis.md](analysis.md).
`;

function pageOf(sections: readonly Section[]): string {
  const parts = sections.map(({ name, rows }) => {
    const lines = rows.map(({ check, limit, measured }) => `| ${check} | ${limit} | ${measured} |`);
    return [`## ${name}`, '', '| check | limit | measured |', '|---|---|---|', ...lines].join('\n');
  });
  return `${[INTRODUCTION.trimEnd(), ...parts].join('\n\n')}\n`;
}

/** The rows of the page as it is, by section and check. */
export function readPage(): Map<string, Row> {
  const rows = new Map<string, Row>();
  let section = '';
  for (const line of readFileSync('docs/statistics.md', 'utf8').split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const [, check, limit, measured] = line.split('|').map((cell) => cell.trim());
    if (check === undefined || limit === undefined || measured === undefined) continue;
    if (check !== 'check' && !check.startsWith('---')) {
      rows.set(`${section}: ${check}`, { check, limit, measured });
    }
  }
  return rows;
}

/** The page with some of its sections measured anew. */
export function withSections(page: ReadonlyMap<string, Row>, anew: readonly Section[]): string {
  const sections = new Map<string, Row[]>();
  for (const [key, row] of page) {
    const [name = ''] = key.split(': ');
    sections.set(name, [...(sections.get(name) ?? []), row]);
  }
  for (const { name, rows } of anew) sections.set(name, [...rows]);
  const names = [...sections.keys()].sort();
  return pageOf(names.map((name) => ({ name, rows: sections.get(name) ?? [] })));
}

/** Checks of one section with the same name are the same check with another seed. */
export function merged(rows: readonly Row[]): Row[] {
  const byCheck = new Map<string, Row>();
  for (const row of rows) {
    const known = byCheck.get(row.check);
    const measured = known === undefined ? row.measured : `${known.measured} / ${row.measured}`;
    byCheck.set(row.check, { ...row, measured });
  }
  return [...byCheck.values()];
}

/** Whether two cells of measured values are the same, but for what another processor may round otherwise. */
export function isSame(page: string, run: string): boolean {
  const [a, b] = [page.split(' / ').map(Number), run.split(' / ').map(Number)];
  const isNear = (x: number, y: number): boolean =>
    Math.abs(x - y) <= 0.01 * Math.max(Math.abs(x), Math.abs(y)) + 1e-12;
  return a.length === b.length && a.every((x, i) => isNear(x, b[i] ?? Number.NaN));
}

const DELAYS_HEAD = '| seen before the change |';

/** docs/analysis.md with the table of delays as docs/statistics.md has them. */
export function withDelays(analysis: string, page: ReadonlyMap<string, Row>): string {
  const lines = analysis.split('\n');
  const from = lines.findIndex((line) => line.startsWith(DELAYS_HEAD));
  const length = lines.slice(from).findIndex((line) => line === '');
  if (from < 0 || length < 0) throw new Error('docs/analysis.md: no table of delays');
  const changes = TOLD_CHANGES.map(([p0, p1]) => `${p0} → ${p1}`);
  const table = [
    `${DELAYS_HEAD} ${changes.join(' | ')} |`,
    `|${'---|'.repeat(1 + changes.length)}`,
    ...TOLD_RATES.map(([rate, , settled]) => {
      const cells = TOLD_CHANGES.map(([p0, p1]) => {
        const measured = (what: string): number => {
          const row = page.get(`delay: ${rate}, after ${settled}, ${p0} to ${p1}: ${what}`);
          return Number(row?.measured ?? Number.NaN);
        };
        const missed = measured('missed in 5000');
        const most = withCommas(measured('delay of 95 %'));
        const rest = missed >= 0.05 ? `${Math.round(100 * missed)} % missed` : most;
        return `${withCommas(measured('median delay'))} / ${rest}`;
      });
      return `| ${rate}, after ${withCommas(settled)} | ${cells.join(' | ')} |`;
    }),
  ];
  lines.splice(from, length, ...table);
  return lines.join('\n');
}

function withCommas(value: number): string {
  return value.toLocaleString('en-US');
}
