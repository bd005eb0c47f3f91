#!/usr/bin/env node
/** The program. The only place that ends the process; everything else answers with an exit code. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './app/commands/command-line.js';
import { processIo } from './app/commands/process-io.js';
import { EXIT } from './app/exit-codes.js';
import { createLog, resolveLogFormat } from './app/log.js';

/**
 * What still holds the process after its work (a socket that somebody keeps open) is given this
 * long.
 */
const LINGER_MS = 500;

// The heap may double before it is collected. V8 would let it grow to four times what is in use, on a machine with
// much memory: faster by little, and an exporter is a guest beside the system that it watches.
setFlagsFromString('--heap-growing-percent=100');

const ending = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    // The first asks, the second insists.
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    ending.abort();
  });
}

process.on('uncaughtException', (error) => {
  const log = createLog({
    level: 'error',
    format: resolveLogFormat('auto', process.stderr.isTTY),
    write: (line) => process.stderr.write(line),
    now: () => Date.now(),
  });
  log('error', 'internal error', { error });
  process.exit(EXIT.internal);
});

// Whoever read along has gone (`report | head`), or there is no room for it (`rules > rules.yml`).
// What is on disk stays there; a server goes on without its log.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`error: standard output: ${error.message}\n`);
  process.exit(EXIT.io);
});
process.stderr.on('error', () => undefined);

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
const version = hasVersion ? String(manifest.version) : 'unknown';

process.exitCode = await runCommandLine(process.argv.slice(2), processIo(ending.signal), version);
setTimeout(() => process.exit(), LINGER_MS).unref();
