import { durationChecks } from './duration-checks.js';

durationChecks({ seed: 20_261_001, steady: 25, changing: 150 });
