import { describe } from 'vitest';
import { predictionChecks } from './prediction-checks.js';

describe.each([20_261_001, 31_415_926])('seed %i', (seed) => {
  predictionChecks({ seed, runs: 500 });
});
