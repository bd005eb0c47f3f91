import { describe } from 'vitest';
import { trendChecks } from './trend-checks.js';

describe.each([20_261_001, 31_415_926, 27_182_818])('seed %i', (seed) => {
  trendChecks({ seed, steady: 200, changing: 1_500, rates: [0.98, 0.95, 0.9, 0.8, 0.7, 0.5] });
});
