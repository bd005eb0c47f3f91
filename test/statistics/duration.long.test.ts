import { describe } from 'vitest';
import { durationChecks } from './duration-checks.js';
import { goingOnChecks } from './going-on-checks.js';
import { tiedChecks } from './tied-checks.js';

describe.each([20_261_001, 31_415_926])('seed %i', (seed) => {
  durationChecks({ seed, steady: 200, changing: 1_000 });
  tiedChecks({ seed, steady: 50, changing: 200 });
  goingOnChecks({ seed, repeats: 8 });
});
