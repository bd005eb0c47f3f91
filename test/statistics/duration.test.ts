import { durationChecks } from './duration-checks.js';
import { goingOnChecks } from './going-on-checks.js';
import { tiedChecks } from './tied-checks.js';

durationChecks({ seed: 20_261_001, steady: 25, changing: 150 });
tiedChecks({ seed: 20_261_001, steady: 10, changing: 40 });
goingOnChecks({ seed: 20_261_001, repeats: 3 });
