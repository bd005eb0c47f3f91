/** The flags of the demo. */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly pace: number;
  readonly seed: number;
  readonly wearAfter: number;
  /** The demo stops by itself then; Infinity when it does not. */
  readonly durationSeconds: number;
  readonly listenAddress: string;
  /** Listen where others can reach it, too, although anybody may then post. */
  readonly insecureNoAuth: boolean;
  readonly storagePath: string;
}

export const USAGE = `Options:
  --pace=1             how fast things go wrong; 1 is about 1.5 failures a second
  --seed=1             plans what goes wrong, and when
  --wear-after=110     restarts of crashed agents after which AgentRestartStrategy wears out
  --duration=SECONDS   stop by itself
  --listen-address=127.0.0.1:9464
  --insecure-no-auth   listen also where other machines can reach it
  --storage.path=./data`;

/** Throws an Error whose message is for the person who typed the flags. */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pace: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      'wear-after': { type: 'string', default: '110' },
      duration: { type: 'string', default: 'Infinity' },
      'listen-address': { type: 'string', default: '127.0.0.1:9464' },
      'insecure-no-auth': { type: 'boolean', default: false },
      'storage.path': { type: 'string', default: './data' },
    },
  });
  return {
    // Above 50 the swarm would do nothing but start processes.
    pace: number('--pace', values.pace, { min: 0.01, max: 50 }),
    seed: number('--seed', values.seed, { min: 0, max: Number.MAX_SAFE_INTEGER }),
    wearAfter: number('--wear-after', values['wear-after'], { min: 1, max: 100_000 }),
    durationSeconds: number('--duration', values.duration, { min: 1, max: Infinity }),
    listenAddress: values['listen-address'],
    insecureNoAuth: values['insecure-no-auth'],
    storagePath: values['storage.path'],
  };
}

function number(flag: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new RangeError(`${flag}: expected a number of ${min} to ${max}, got "${text}"`);
}
