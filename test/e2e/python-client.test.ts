import { testPythonFile } from '../clients/python.js';

testPythonFile('test_exporter', 600_000);
