import { describe, expect, test } from 'vitest';
import { pythonTestFiles, testPythonFile } from './python.js';

describe('the Python client by itself', () => {
  const files = pythonTestFiles().filter((file) => file !== 'test_exporter');

  test('has tests', () => {
    expect(files.length).toBeGreaterThan(3);
  });

  for (const file of files) testPythonFile(file, 300_000);
});
