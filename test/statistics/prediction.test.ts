import { predictionChecks } from './prediction-checks.js';

predictionChecks({ seed: 20_261_001, runs: 60 });
