/** Which release this is. */
import { readFileSync } from 'node:fs';
import { isJsonObject } from '../core/decode/nesting.js';
import type { Build } from '../metrics/view.js';

/** package.json lies two folders above, in the sources as in dist/. */
export const BUILD: Build = {
  version: readVersion(new URL('../../package.json', import.meta.url)),
  revision: 'unknown',
  nodeVersion: process.version,
};

function readVersion(manifest: URL): string {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return isJsonObject(parsed) && typeof parsed.version === 'string' ? parsed.version : 'unknown';
}
