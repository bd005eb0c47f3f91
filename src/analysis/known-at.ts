/** Answers that stay what they are until the state has folded another event, kept for whoever asks next. */
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
