import { trendChecks } from './trend-checks.js';

trendChecks({ seed: 20_261_001, steady: 40, changing: 250, rates: [0.95, 0.7] });
