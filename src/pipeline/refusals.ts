/** Why ingest turns a delivery away. Sending it again is always safe. */
import type { Refusal } from '../core/ports.js';

export const OVERLOADED: Refusal = {
  code: 'overloaded',
  message: 'the queue of events that wait for the disk is full; send again later',
  retryAfterSeconds: 1,
};
export const STORE_FULL: Refusal = {
  code: 'store_unavailable',
  message: 'the disk is full: nothing was kept; send again later',
  retryAfterSeconds: 5,
};
export const STORE_FAILED: Refusal = {
  code: 'store_unavailable',
  message: 'the event log has failed and the exporter is about to end; send again later',
  retryAfterSeconds: 5,
};
export const SHUTTING_DOWN: Refusal = {
  code: 'shutting_down',
  message: 'the exporter is shutting down; send again later',
  retryAfterSeconds: 5,
};
