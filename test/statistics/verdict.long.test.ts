import { verdictChecks } from './verdict-checks.js';

verdictChecks({
  seed: 31_415_926,
  streams: 800,
  intervals: 20_000,
  comparisons: 20_000,
  bandits: 100,
});
