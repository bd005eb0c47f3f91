/** A delivery as a promise, for callers that wait for each before they make the next. */
import type { Delivery, Intake, Refusal, Settled } from '../core/ports.js';

export type Delivered =
  | { readonly ok: true; readonly settled: Settled }
  | { readonly ok: false; readonly refusal: Refusal };

/** Never rejects. */
export function deliver(
  intake: Intake,
  delivery: Omit<Delivery, 'settle' | 'refuse'>,
): Promise<Delivered> {
  return new Promise((resolve) => {
    intake.offer({
      ...delivery,
      settle: (settled) => resolve({ ok: true, settled }),
      refuse: (refusal) => resolve({ ok: false, refusal }),
    });
  });
}
