/**
 * Time as the system tells it. None of these timers keeps a process alive: that is the server's to
 * do.
 */
import type { Clock } from '../core/ports.js';
import type { StartTimer } from '../sources/timer.js';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const startTimer: StartTimer = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};

/** Calls back again and again until what it returns is called. */
export function every(intervalMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, intervalMs).unref();
  return () => clearInterval(timer);
}

/** Keeps the process alive meanwhile. */
export function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
