/**
 * The event log of a configuration. Apart from what serves it: whether another process holds it is found before the
 * rest is loaded.
 */
import type { EventLog } from '../core/ports.js';
import { openEventLog } from '../store/event-log.js';
import type { Config } from './config/config.js';

/**
 * Holds the log until it is closed. Rejects with ExporterError STORE_LOCKED, STORE_CORRUPT,
 * STORE_FULL or STORE_FAILED.
 */
export function openStore({ storage }: Pick<Config, 'storage'>): Promise<EventLog> {
  return openEventLog({ path: storage.database ?? ':memory:' });
}
