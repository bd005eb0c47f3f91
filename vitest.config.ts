import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests of what something costs, or of how long it keeps others waiting. */
const MEASURING = [
  'test/app/authenticator.test.ts',
  'test/pipeline/ingest.test.ts',
  'test/e2e/prometheus.test.ts',
];

/** Generous, because a few others may have these cores too: fifteen seconds become a minute then. A hang still ends. */
const TEST_MS = 120_000;

/**
 * Files of a minute and more. Two run at a time: one that came last would run alone, with half of the machine idle.
 */
const LONG = ['test/e2e/crash.test.ts', 'test/app/server.test.ts', 'test/e2e/process.test.ts'];

/** They begin first. A fresh clone does not know yet what took long. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      LONG.some((path) => moduleId.endsWith(path)) ? 0 : 1;
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

const ALONE = {
  extends: true as const,
  test: {
    name: 'alone',
    include: MEASURING,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
    testTimeout: TEST_MS,
  },
};

// Tests run from the sources, without a build. Three things make that work:
//
// 1. `import … from 'selfhealer-exporter'` (demo/, examples/, tests) means src/index.ts: the alias
//    below for what vitest loads, test/support/ts-hooks.mjs for what Node loads.
// 2. Worker threads. Write `new Worker(new URL('./worker.js', import.meta.url))`, with .js as in every
//    import: after the build that file exists; under vitest the --import below, which worker
//    threads and `fork()` inherit through execArgv, maps ./worker.js to ./worker.ts, and every
//    './x.js' import inside of it. The worker's modules are loaded by Node, not by vitest: mocks and
//    vi.* do not reach them.
// 3. A child process that runs sources: `spawn(process.execPath, [...process.execArgv, 'src/cli.ts'])`
//    or `--import` of the same file. End-to-end tests run dist/ instead, as a user does.
//
// Most files wait for processes, servers and timers more than they compute: two run at a time. Those that hold a real
// server's own measurements against a limit run alone, after the others.
//
// `*.long.test.ts` run only with `--mode long` (npm run test:faults).
export default defineConfig(({ mode }) => {
  const files = mode === 'long' ? 'test/**/*.long.test.ts' : 'test/**/*.test.ts';
  const otherMode = mode === 'long' ? [] : ['**/*.long.test.ts'];
  return {
    resolve: { alias: { 'selfhealer-exporter': here('./src/index.ts') } },
    test: {
      pool: 'forks',
      execArgv: ['--import', new URL('./test/support/register-ts.mjs', import.meta.url).href],
      globalSetup: here('./test/support/transpiled.mjs'),
      hookTimeout: 60_000,
      sequence: { sequencer: LongFirst },
      reporters: [
        'default',
        here('./test/support/not-run-reporter.ts'),
        ...(mode === 'long' ? [here('./test/support/table-reporter.ts')] : []),
      ],
      passWithNoTests: true,
      projects: [
        {
          extends: true,
          test: {
            name: 'together',
            include: [files],
            exclude: [...configDefaults.exclude, ...otherMode, ...MEASURING],
            // Said here and not above: what a project takes over from above is not told the mode.
            testTimeout: mode === 'long' ? 30 * 60_000 : TEST_MS,
            maxWorkers: mode === 'long' ? 1 : 2,
            // A process takes one file after the other, and loads a module once: no test puts another in a module's
            // place, and each gives back what it takes (timers, ports, folders).
            isolate: false,
            sequence: { groupOrder: 0 },
          },
        },
        ...(mode === 'long' ? [] : [ALONE]),
      ],
    },
  };
});
