/**
 * `npm start`: the exporter, attached to a healer that supervises real processes. The three lines
 * that a healer of your own would need are in `run`: createExporter, attach, listen.
 */
import { createExporter } from 'selfhealer-exporter';
import { SelfHealer } from './healer.js';
import { parseOptions, USAGE, type DemoOptions } from './options.js';
import { defaultStrategies } from './strategies/defaults.js';
import { Swarm } from './swarm.js';
import { formatTally } from './tally.js';

const TALLY_INTERVAL_MS = 60_000;
/** 24 days; Node's timers cannot wait longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** At pace 1. */
const RESTARTS_PER_MINUTE = 32;

async function run(options: DemoOptions): Promise<void> {
  const exporter = await createExporter({
    storage: { path: options.storagePath },
    web: { listenAddress: options.listenAddress, insecureNoAuth: options.insecureNoAuth },
  });
  const swarm = new Swarm(options);
  const healer = new SelfHealer({ swarm, strategies: defaultStrategies(swarm) });
  exporter.attach(healer, { source: '/demo/swarm' });
  await exporter.listen();

  const stopped = untilStopped(options.durationSeconds);
  const startMs = Date.now();
  // On a new data folder /metrics says the same. On an old one it goes on from there.
  const printTally = (): void => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    console.log(`\nWhat the healer did in ${seconds} s, by its own count:`);
    console.log(formatTally(healer.tally()));
  };
  printWhereToLook(options);
  await healer.start();
  const timer = setInterval(printTally, TALLY_INTERVAL_MS);

  await stopped;
  clearInterval(timer);
  await healer.stop();
  await exporter.close();
  printTally();
}

/** Resolves at the first SIGINT or SIGTERM, or after the time. A second signal ends at once. */
function untilStopped(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (seconds * 1000 <= TIMER_MS_MAX) setTimeout(resolve, seconds * 1000).unref();
  });
}

function printWhereToLook({ listenAddress, wearAfter, pace }: DemoOptions): void {
  const url = `http://${listenAddress.replace(/^:/, '127.0.0.1:')}`;
  const minutes = Math.ceil(wearAfter / pace / RESTARTS_PER_MINUTE);
  console.log(`A swarm of six real processes that crash, hang, leak and time out, and a healer for it.

  page      ${url}/
  metrics   ${url}/metrics
  report    ${url}/api/v1/report

AgentRestartStrategy begins to wear out after ${wearAfter} restarts, in about ${minutes} min. Ctrl-C stops.`);
}

function optionsOrExit(): DemoOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(USAGE);
    process.exit(2);
  }
}

try {
  await run(optionsOrExit());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1); // The swarm's processes end when this one is gone.
}
