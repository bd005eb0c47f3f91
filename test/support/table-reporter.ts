// Ends a long run with one table of what was promised and measured, and holds docs/statistics.md against it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import {
  isSame,
  merged,
  readPage,
  withDelays,
  withSections,
  type Section,
} from '../statistics/page.js';

function sectionsOf(modules: readonly TestModule[]): Section[] {
  return modules
    .map((module) => {
      const [name = ''] = basename(module.moduleId).split('.');
      const tests = [...module.children.allTests()];
      return { name, rows: merged(tests.flatMap((test) => test.meta().rows ?? [])) };
    })
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textOf(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ rows: own }) => own);
  const width = Math.max(...rows.map(({ check }) => check.length));
  const limits = Math.max(...rows.map(({ limit }) => limit.length));
  return sections
    .flatMap(({ name, rows: own }) => [
      `\n${name}`,
      ...own.map(
        ({ check, limit, measured }) =>
          `  ${check.padEnd(width)}  ${limit.padEnd(limits)}  ${measured}`,
      ),
    ])
    .join('\n');
}

/** What the page says otherwise, of the checks that have run. */
function differences(sections: readonly Section[]): string[] {
  const page = readPage();
  return sections.flatMap(({ name, rows }) =>
    rows.flatMap((row) => {
      const told = page.get(`${name}: ${row.check}`);
      if (told === undefined) return [`  ${name}: ${row.check}: missing on the page`];
      if (told.limit === row.limit && isSame(told.measured, row.measured)) return [];
      return [
        `  ${name}: ${row.check}: the page says ${told.limit} ${told.measured}, ` +
          `the run ${row.limit} ${row.measured}`,
      ];
    }),
  );
}

// Vitest loads reporters as the default export of their module.
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const sections = sectionsOf(modules);
    if (sections.length === 0) return;
    console.log(textOf(sections));
    if (modules.some((module) => module.state() === 'failed')) return;
    if (process.env['STATISTICS_PAGE'] === 'write') {
      writeFileSync('docs/statistics.md', withSections(readPage(), sections));
      const analysis = readFileSync('docs/analysis.md', 'utf8');
      writeFileSync('docs/analysis.md', withDelays(analysis, readPage()));
      return;
    }
    const lines = differences(sections);
    if (lines.length === 0) return;
    console.error(`\ndocs/statistics.md is not what was measured:\n${lines.join('\n')}`);
    process.exitCode = 1;
  }
}
