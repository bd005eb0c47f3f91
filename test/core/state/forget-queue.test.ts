import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForgetQueue } from '../../../src/core/state/forget-queue.js';

test('what was pushed and not shifted is there, in its order', () => {
  const steps = fc.array(fc.record({ pushes: fc.nat(150), shifts: fc.nat(150) }), { maxLength: 8 });
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new ForgetQueue<number>();
      const model: number[] = [];
      let n = 0;
      for (const { pushes, shifts } of all) {
        for (let i = 0; i < pushes; i += 1, n += 1) {
          queue.push(n);
          model.push(n);
        }
        for (let i = 0; i < shifts; i += 1) {
          expect(queue.peek()).toBe(model[0]);
          expect(queue.shift()).toBe(model.shift());
        }
        expect(queue.filter(() => true)).toEqual(model);
        expect(queue.filter((item) => item % 3 === 0)).toEqual(model.filter((m) => m % 3 === 0));
      }
    }),
  );
});
