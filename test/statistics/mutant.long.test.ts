import { mutantChecks } from './mutant-checks.js';

mutantChecks({ seed: 20_261_001, steady: 200, changing: 600 });
