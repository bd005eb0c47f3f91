/** Time for sources, handed in: only the application starts timers. */

/** Calls back once, after `delayMs`. Returns what calls it off. */
export type StartTimer = (delayMs: number, callback: () => void) => () => void;
