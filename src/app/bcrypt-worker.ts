/**
 * A thread that compares passwords: one comparison takes tens of milliseconds, which the event loop
 * does not have.
 */
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

parentPort?.on('message', ({ password, hash }: { password: string; hash: string }) => {
  parentPort?.postMessage(compareSync(password, hash));
});
