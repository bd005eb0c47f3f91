// Where scripts/servers.sh has put a peer, or where PATH has it.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function toolPath(tool: string): string {
  const cached =
    process.env['SERVERS_DIR'] ?? fileURLToPath(new URL('../../.cache/servers', import.meta.url));
  const folders = [join(cached, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  const found = folders.map((folder) => join(folder, tool)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`bench: no ${tool}: get it with scripts/servers.sh`);
  return found;
}
