/** Opens the log at argv[2], appends one event, says so, and holds it until it is killed. */
import { openEventLog } from '../../../src/store/event-log.js';
import { groupOf } from '../../store/events.js';

const log = await openEventLog({ path: process.argv[2] ?? '' });
await log.append([groupOf([{ id: 'of the holder' }])]);
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
