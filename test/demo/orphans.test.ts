// A supervisor that is killed cannot clean up. Its children have to notice by themselves.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, expect, test, vi } from 'vitest';
import { compileDemo } from './compiled-demo.js';

const demo = compileDemo();
afterAll(() => demo.remove());

test('the children of a killed supervisor end', async () => {
  const script = `
    import { Swarm } from '${demo.url('swarm.js').href}';
    const swarm = new Swarm({ seed: 1, pace: 0.01, wearAfter: 100 });
    await swarm.start();
    const { supervisor } = swarm;
    console.log(JSON.stringify({ pids: supervisor.pids(), folder: supervisor.leases.directory }));`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  const [line] = await once(createInterface({ input: supervisor.stdout }), 'line');
  const { pids, folder }: { pids: number[]; folder: string } = JSON.parse(line);
  expect(pids).toHaveLength(6);

  supervisor.kill('SIGKILL');
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 10_000 });
  rmSync(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
