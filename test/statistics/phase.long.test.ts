import { phaseChecks } from './phase-checks.js';

phaseChecks({ seed: 20_261_001, strategies: 60, attempts: 20_000, changes: 400, years: 1_000 });
