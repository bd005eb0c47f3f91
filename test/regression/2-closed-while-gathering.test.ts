import { expect, test } from 'vitest';
import type { EventLog } from '../../src/core/ports.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { completion, openRig } from '../sources/pipeline-rig.js';

test('an intake that is closed while what it answered is waited for ends', async () => {
  let closed: Promise<void> | undefined;
  let isRepeated = false;
  const rig = await openRig({
    wrapLog: (log) =>
      new Proxy(log, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          if (name !== 'append') return value.bind(target);
          return (...appended: Parameters<EventLog['append']>) => {
            if (isRepeated) closed ??= rig.ingest.close();
            return target.append(...appended);
          };
        },
      }),
  });
  const bodies = Array.from({ length: 10 }, () => Buffer.from(completion()));
  const postAll = () =>
    Promise.all(
      bodies.map((body) => deliver(rig.ingest, { input: 'http', body, shape: 'one' as const })),
    );
  await postAll();
  await rig.ingest.saveSnapshot();

  // Nothing new: at the end no snapshot is written, and nothing else wakes the loop.
  isRepeated = true;
  const again = await postAll();
  expect(again.map((one) => one.ok && one.settled.duplicates)).toEqual(bodies.map(() => 1));
  await closed;
  expect(closed).toBeDefined();
  await rig.close();
}, 20_000);
