import { expect, test } from 'vitest';
import { didYouMean, suggest } from '../../../src/app/config/suggest.js';

const KNOWN = ['serve', 'report', 'import', 'check', 'config print'];

test('a typing error leads to the nearest name', () => {
  expect(suggest('reprot', KNOWN)).toBe('report');
  expect(suggest('SERVE', KNOWN)).toBe('serve');
  expect(didYouMean('improt', KNOWN)).toBe('; did you mean import?');
});

test('what is like nothing leads nowhere', () => {
  expect(suggest('frobnicate', KNOWN)).toBeUndefined();
  expect(suggest('', KNOWN)).toBeUndefined();
  expect(didYouMean('x'.repeat(100_000), KNOWN)).toBe('');
});
