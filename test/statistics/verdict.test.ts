import { verdictChecks } from './verdict-checks.js';

verdictChecks({ seed: 20_261_001, streams: 40, intervals: 2_000, comparisons: 6_000, bandits: 4 });
