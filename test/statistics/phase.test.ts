import { phaseChecks } from './phase-checks.js';

phaseChecks({ seed: 20_261_001, strategies: 6, attempts: 10_000, changes: 200, years: 40 });
