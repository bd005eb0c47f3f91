import { parameterChecks } from './parameter-checks.js';
import { tuningChecks } from './tuning-checks.js';

tuningChecks({ seed: 20_261_001, runs: 100 });
parameterChecks({ seed: 20_261_001, runs: 800 });
