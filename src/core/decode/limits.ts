/** The bounds of the wire contract, docs/events.md. */

/** Of one event's JSON text. CloudEvents asks every intermediary to pass at least this much. */
export const EVENT_BYTES_MAX = 65_536;
/** The event itself is level 1, its `data` level 2. */
export const NESTING_MAX = 32;
export const EVENTS_PER_BODY_MAX = 50_000;
/** In code points. */
export const IDENTIFIER_LENGTH_MAX = 200;
/** Our own expiry events carry a failure id inside their id: `expired:<failure_id>:<seq>`. */
export const INTERNAL_ID_LENGTH_MAX = 300;
/** 31 days. */
export const DURATION_MS_MAX = 2_678_400_000;
/** 2000-01-01T00:00:00Z. */
export const EARLIEST_MS = 946_684_800_000;
/** How far an event may run ahead of the exporter's clock. */
export const AHEAD_MS_MAX = 300_000;
/** Stands for label values beyond a family's bound, so no identifier may be it. */
export const RESERVED_IDENTIFIER = '__overflow__';
