import { delayChecks } from './delay-checks.js';

delayChecks({ seed: 20_261_001, changing: 1_500 });
