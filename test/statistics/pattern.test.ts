import { patternChecks } from './pattern-checks.js';

patternChecks({ seed: 20_261_001, seasons: 100, fleets: 12, steps: 10_000 });
