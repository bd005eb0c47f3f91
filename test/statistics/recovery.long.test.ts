import { describe } from 'vitest';
import { recoveryChecks } from './recovery-checks.js';

describe.each([20_261_001, 31_415_926])('seed %i', (seed) => {
  recoveryChecks({ seed, repeats: 3_000 });
});
