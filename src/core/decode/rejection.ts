/** Why one event is not taken: a value, because bad input is expected. */
import type { ProblemCode } from '../problem.js';

export interface Rejection {
  readonly ok: false;
  readonly code: ProblemCode;
  /** What, where, got, wanted: `data.level: expected an integer from 0 to 4, got 5`. */
  readonly message: string;
}

export function rejection(code: ProblemCode, message: string): Rejection {
  return { ok: false, code, message };
}
