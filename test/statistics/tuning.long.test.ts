import { describe } from 'vitest';
import { parameterChecks } from './parameter-checks.js';
import { tuningChecks } from './tuning-checks.js';

describe.each([20_261_001, 31_415_926])('seed %i', (seed) => {
  tuningChecks({ seed, runs: 1_000 });
  parameterChecks({ seed, runs: 2_000 });
});
