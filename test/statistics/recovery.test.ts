import { recoveryChecks } from './recovery-checks.js';

recoveryChecks({ seed: 20_261_001, repeats: 600 });
