/**
 * Who may come in, by HTTP Basic authentication against the users of the web configuration file.
 */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** Whether the value of an Authorization header belongs to a user. Never rejects. */
export interface Authenticator {
  (authorization: string | undefined): Promise<boolean>;
  /** Ends the thread. Whoever still waits is turned away. */
  readonly close: () => Promise<void>;
}

/** True when the password belongs to the bcrypt hash. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

/** Headers that were right, so that a scrape every few seconds costs no bcrypt. */
const CACHED_MAX = 100;
/**
 * Passwords that may wait for their turn. A flood of wrong ones beyond that is turned away unread.
 */
const WAITING_MAX = 64;
/** Nobody's. What a cost of 10 takes is what Prometheus' own tools take. */
const FAKE_HASH_TAIL = '....................../..............................';
const FAKE_COST = '10';

/**
 * `users` are bcrypt hashes by name. One comparison runs at a time, on a thread of its own. An
 * unknown user is compared too, so that the time taken does not tell who exists. Only what was
 * right is remembered, under a key that holds user, password and stored hash, each apart.
 */
export function createAuthenticator(
  users: ReadonlyMap<string, string>,
  compare?: ComparePassword,
): Authenticator {
  const thread = compare === undefined ? new BcryptThread() : undefined;
  const comparePassword: ComparePassword =
    compare ?? ((password, hash) => thread?.compare(password, hash) ?? Promise.resolve(false));
  const fakeHash = `$2b$${highestCost(users)}$${FAKE_HASH_TAIL}`;
  const right = new Set<string>();
  const running = new Map<string, Promise<boolean>>();
  let turn: Promise<unknown> = Promise.resolve();

  const check = (key: string, user: string, password: string): Promise<boolean> => {
    const hash = users.get(user);
    const checked = turn
      .then(() => comparePassword(password, hash ?? fakeHash))
      .then((matches) => matches && hash !== undefined)
      .catch(() => false);
    turn = checked;
    return checked.then((isRight) => {
      running.delete(key);
      if (isRight) remember(right, key);
      return isRight;
    });
  };

  const authenticate = async (authorization: string | undefined): Promise<boolean> => {
    const credentials = readCredentials(authorization);
    if (credentials === undefined) return false;
    const { user, password } = credentials;
    const key = cacheKey([user, password, users.get(user) ?? '']);
    if (right.has(key)) {
      remember(right, key);
      return true;
    }
    // Scrapes that arrive together with the same password wait for the one comparison.
    const alreadyRunning = running.get(key);
    if (alreadyRunning !== undefined) return alreadyRunning;
    if (running.size >= WAITING_MAX) return false;
    const checked = check(key, user, password);
    running.set(key, checked);
    return checked;
  };
  return Object.assign(authenticate, { close: async () => thread?.close() });
}

/** User and password of `Basic <base64>`; undefined when it is not that. */
function readCredentials(
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const match = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '');
  if (match?.[1] === undefined) return undefined;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** As JSON no two lists of texts read the same: "a:b" + "c" is not "a" + "b:c". */
function cacheKey(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Newest last; the one that was not used for longest goes. */
function remember(keys: Set<string>, key: string): void {
  keys.delete(key);
  keys.add(key);
  const [oldest] = keys;
  if (keys.size > CACHED_MAX && oldest !== undefined) keys.delete(oldest);
}

/** Unknown users must take as long as the slowest known one. */
function highestCost(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6));
  return costs.sort().at(-1) ?? FAKE_COST;
}

/** Started with the first password, and again after a failure. */
class BcryptThread {
  #worker: Worker | undefined;
  #closed = false;

  /** One at a time: the caller waits for the answer before it asks again. */
  async compare(password: string, hash: string): Promise<boolean> {
    if (this.#closed) return false;
    const worker = this.#worker ?? this.#start();
    return new Promise<boolean>((resolve, reject) => {
      const settle = (): void => {
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.off('exit', onExit);
      };
      const onMessage = (matches: unknown): void => {
        settle();
        resolve(matches === true);
      };
      const onError = (error: Error): void => {
        settle();
        this.#worker = undefined;
        reject(error);
      };
      const onExit = (): void => {
        settle();
        this.#worker = undefined;
        resolve(false);
      };
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.on('exit', onExit);
      worker.postMessage({ password, hash });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./bcrypt-worker.js', import.meta.url));
    // A thread that waits for passwords keeps no process alive.
    worker.unref();
    // Errors between two questions must not end the process; the next question starts a new thread.
    worker.on('error', () => (this.#worker = undefined));
    this.#worker = worker;
    return worker;
  }
}
