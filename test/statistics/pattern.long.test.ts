import { patternChecks } from './pattern-checks.js';

patternChecks({ seed: 20_261_001, seasons: 1_500, fleets: 24, steps: 30_000 });
