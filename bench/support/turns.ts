// Contestants in processes of their own that take turns: what one leaves to be collected is collected in its own process
// and charged to it, and what one has made the compiler believe does not slow another down.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMicros } from './measure.js';

/** What a contestant does in its process. */
export interface Work {
  /** What it works on, to be held against what the others work on. */
  readonly about: Readonly<Record<string, string | number>>;
  /** One turn. Returns what it has measured itself; nothing where its processor time is what counts. */
  readonly turn: () => Promise<number | undefined>;
}

export interface Contestant {
  readonly about: Work['about'];
  /** Milliseconds of all threads of its process since its last turn ended, or what it has measured itself. */
  readonly turn: () => Promise<number>;
  readonly stop: () => void;
}

/** `script`: of this folder; started once for each name, with it and `more` as arguments, it calls `offer`. */
export function startContestants(
  script: string,
  names: readonly string[],
  more: readonly (string | number)[] = [],
): Promise<readonly Contestant[]> {
  return Promise.all(names.map((name) => startContestant(script, [name, ...more.map(String)])));
}

async function startContestant(script: string, args: readonly string[]): Promise<Contestant> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args);
  const { pid } = child;
  if (pid === undefined) throw new Error(`bench: could not start ${script}`);
  const ended = once(child, 'exit').then((): never => {
    throw new Error(`bench: ${script} ${args.join(' ')} ended`);
  });
  // At the end it is meant to.
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as unknown[];
    return message;
  };
  const about = (await answer()) as Work['about'];
  let beforeMicros = cpuMicros(pid);
  return {
    about,
    turn: async () => {
      child.send('turn');
      const own = await answer();
      const nowMicros = cpuMicros(pid);
      const millis = (nowMicros - beforeMicros) / 1000;
      beforeMicros = nowMicros;
      return typeof own === 'number' ? own : millis;
    },
    stop: () => {
      child.disconnect();
    },
  };
}

/** Called in the process of a contestant: works whenever it is its turn, until nobody asks any more. */
export function offer({ about, turn }: Work): void {
  process.on('message', () => {
    void turn().then((own) => process.send?.(own ?? 'done'));
  });
  process.send?.(about);
}

/** The values of each contestant, one a round. Another one begins every round. */
export async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, warmUpRounds }: { readonly rounds: number; readonly warmUpRounds: number },
): Promise<readonly (readonly number[])[]> {
  const values = contestants.map((): number[] => []);
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (let n = 0; n < contestants.length; n += 1) {
      const place = (n + round) % contestants.length;
      const value = await contestants[place]?.turn();
      if (round >= warmUpRounds && value !== undefined) values[place]?.push(value);
    }
  }
  for (const contestant of contestants) contestant.stop();
  return values;
}
