import { describeSource, type Item } from './contract.js';
import { startHttp } from './http-rig.js';
import { completion } from './pipeline-rig.js';

function lineOf({ id, kind }: Item): string {
  return completion(kind === 'good' ? { id } : { id, data: { strategy_used: null } });
}

describeSource('HTTP', async ({ intake }) => {
  let http = await startHttp(intake);
  return {
    send: async (items) => {
      const body = items.map(lineOf).join('\n');
      // As a client does: 408, 429 and 503 mean later, and so does a connection that went away.
      for (;;) {
        const response = await fetch(http.url, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body,
        }).catch(() => undefined);
        if (response !== undefined && ![408, 429, 503].includes(response.status)) return;
      }
    },
    stopAndResume: async () => {
      await http.source.stop();
      const stopped = http;
      http = await startHttp(intake);
      await stopped.close();
    },
    close: () => http.close(),
  };
});
