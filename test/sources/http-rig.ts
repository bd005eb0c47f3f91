/** The HTTP source behind a bare server on a free port. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Intake } from '../../src/core/ports.js';
import { HttpSource } from '../../src/sources/http/http-source.js';

export interface HttpRig {
  readonly url: string;
  readonly source: HttpSource;
  readonly server: Server;
  close(): Promise<void>;
}

/** Without `intake` the source is not started. */
export async function startHttp(intake: Intake | undefined): Promise<HttpRig> {
  const source = new HttpSource(() => undefined);
  if (intake !== undefined) await source.start(intake);
  const server = createServer((request, response) => source.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1/events`,
    source,
    server,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
