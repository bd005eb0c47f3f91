import { EventEmitter } from 'node:events';
import { EmitterSource } from '../../src/sources/emitter/emitter-source.js';
import { describeSource } from './contract.js';
import { clock, quickTimer } from './pipeline-rig.js';

describeSource('An attached healer', async ({ intake }) => {
  const healer = new EventEmitter();
  const start = async (): Promise<EmitterSource> => {
    const parts = { clock, startTimer: quickTimer, bootId: 'boot', report: () => undefined };
    const started = new EmitterSource(parts);
    started.attach(healer, { source: '/test' });
    await started.start(intake);
    return started;
  };
  let source = await start();
  return {
    send: async (items) => {
      for (const { id, kind } of items) {
        healer.emit('healing.completed', {
          eventId: id,
          failureId: `agent_down_${id}`,
          strategyUsed: kind === 'good' ? 'AgentRestartStrategy' : undefined,
          success: true,
          durationMs: 12,
        });
      }
    },
    stopAndResume: async () => {
      await source.stop();
      source = await start();
    },
    close: () => source.stop(),
  };
});
