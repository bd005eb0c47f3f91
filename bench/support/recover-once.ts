// Opens a log and recovers the state from it, once, in a process of its own; `refold` as if there were no snapshot.
// Prints the milliseconds and the megabytes.
import { recover } from '../../src/pipeline/recover.js';
import { openEventLog } from '../../src/store/event-log.js';

const [, , path = '', how = 'restart'] = process.argv;
const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

const startMs = performance.now();
const log = await openEventLog({ path });
const opened = how === 'refold' ? { ...log.opened, snapshot: undefined } : log.opened;
const { state } = await recover({
  log: {
    ...log,
    opened,
    replay: (afterSeq) => log.replay(afterSeq),
  },
  clock,
  report: () => undefined,
});
const ms = performance.now() - startMs;
if (state.seq !== opened.lastSeq) throw new Error('bench: not everything was recovered');
console.log(ms, process.memoryUsage.rss() / 2 ** 20);
await log.close();
