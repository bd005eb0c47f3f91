import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileTailSource } from '../../src/sources/file-tail/file-tail-source.js';
import { describeSource } from './contract.js';
import { completion, quickTimer, temporaryFolder } from './pipeline-rig.js';

describeSource('A followed file', async ({ intake, heard }) => {
  const [folder, remove] = temporaryFolder();
  const path = join(folder, 'events.ndjson');
  const start = async (): Promise<FileTailSource> => {
    const checkpoints = new Map(
      heard.flatMap(({ delivery: { checkpoint }, outcome }) =>
        checkpoint === undefined || 'code' in outcome
          ? []
          : [[checkpoint.name, checkpoint.value] as const],
      ),
    );
    const started = new FileTailSource({
      path,
      source: undefined,
      checkpoints,
      startTimer: quickTimer,
      report: () => undefined,
    });
    await started.start(intake);
    return started;
  };
  let source = await start();
  return {
    send: async (items) => {
      const lines = items.map(({ id, kind }) =>
        completion(kind === 'good' ? { id } : { id, data: { strategy_used: null } }),
      );
      appendFileSync(path, `${lines.join('\n')}\n`);
    },
    stopAndResume: async () => {
      await source.stop();
      source = await start();
    },
    close: async () => {
      await source.stop();
      remove();
    },
  };
});
