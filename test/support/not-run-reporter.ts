// Ends a test run with the names of the tests that did not run, why, and how to run them:
// a test that was left out must never look like one that passed.
import type { Reporter, TestModule } from 'vitest/node';

const NOTE_PREFIX = 'did not run: ';

export function notRunNote(missing: string, remedy: string): string {
  return `${NOTE_PREFIX}${missing} is missing; get it with ${remedy}`;
}

function notRun(modules: readonly TestModule[]): string[] {
  const lines: string[] = [];
  for (const module of modules) {
    for (const test of module.children.allTests('skipped')) {
      const result = test.result();
      const note = result.state === 'skipped' ? result.note : undefined;
      if (note?.startsWith(NOTE_PREFIX)) lines.push(`  ${test.fullName} (${note})`);
    }
  }
  return lines;
}

// Vitest loads reporters as the default export of their module.
export default class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = notRun(modules);
    if (lines.length === 0) return;
    console.log(`\n${lines.length} test(s) did not run:\n${lines.join('\n')}`);
  }
}
