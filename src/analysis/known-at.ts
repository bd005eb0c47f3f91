/** Answers that stay what they are until the state has folded another event, kept for whoever asks next. */
import { HOUR_MS } from '../core/rollup.js';
import type { LiveState } from '../core/state/live-state.js';

/** `compute` must rest on the state alone, not on the time. */
export function untilNextEvent<T>(compute: (state: LiveState) => T): (state: LiveState) => T {
  const last = new WeakMap<LiveState, { readonly seq: number; readonly answer: T }>();
  return (state) => {
    const known = last.get(state);
    if (known?.seq === state.seq) return known.answer;
    const answer = compute(state);
    last.set(state, { seq: state.seq, answer });
    return answer;
  };
}

/** As above, of an answer that rests on the hour as well (Unix time in hours). */
export function untilNextEventOrHour<T>(
  compute: (state: LiveState, hour: number) => T,
): (state: LiveState, nowMs: number) => T {
  const last = new WeakMap<
    LiveState,
    { readonly seq: number; readonly hour: number; readonly answer: T }
  >();
  return (state, nowMs) => {
    const hour = Math.floor(nowMs / HOUR_MS);
    const known = last.get(state);
    if (known?.seq === state.seq && known.hour === hour) return known.answer;
    const answer = compute(state, hour);
    last.set(state, { seq: state.seq, hour, answer });
    return answer;
  };
}
