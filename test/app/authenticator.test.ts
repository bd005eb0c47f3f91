import { hashSync } from 'bcryptjs';
import { describe, expect, test } from 'vitest';
import { createAuthenticator, type ComparePassword } from '../../src/app/authenticator.js';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Plain text in place of hashes, and a record of what was compared. */
function recording(users: Record<string, string>) {
  const compared: { password: string; hash: string }[] = [];
  let running = 0;
  let runningMost = 0;
  const compare: ComparePassword = async (password, hash) => {
    compared.push({ password, hash });
    running += 1;
    runningMost = Math.max(runningMost, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return hash.endsWith(password);
  };
  const authenticate = createAuthenticator(new Map(Object.entries(users)), compare);
  return { authenticate, compared, runningMost: () => runningMost };
}

describe('with real bcrypt', () => {
  const users = new Map([
    ['ann', hashSync('correct horse', 4)],
    ['bob', hashSync('pä:ss', 4)],
  ]);

  test('the right password gets in, any other does not', async () => {
    const authenticate = createAuthenticator(users);
    expect(await authenticate(basic('ann', 'correct horse'))).toBe(true);
    expect(await authenticate(basic('bob', 'pä:ss'))).toBe(true);
    expect(await authenticate(basic('ann', 'correct hors'))).toBe(false);
    expect(await authenticate(basic('ann', ''))).toBe(false);
    expect(await authenticate(basic('ann', 'pä:ss'))).toBe(false);
    expect(await authenticate(basic('eve', 'correct horse'))).toBe(false);
    expect(await authenticate(basic('', ''))).toBe(false);
    await authenticate.close();
    expect(await authenticate(basic('ann', 'correct horse!'))).toBe(false);
  });

  test('a comparison does not hold up the event loop', async () => {
    const slow = new Map([['ann', hashSync('x', 4).replace('$04$', '$12$')]]);
    const authenticate = createAuthenticator(slow);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await authenticate(basic('ann', 'wrong'));
    clearInterval(timer);
    await authenticate.close();
    expect(turns).toBeGreaterThan(10);
  });
});

describe('one at a time', () => {
  test('however many come at once', async () => {
    const { authenticate, runningMost } = recording({ ann: 'secret' });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => authenticate(basic('ann', `guess ${i}`))),
    );
    expect(runningMost()).toBe(1);
  });

  test('the same header many times at once is compared once', async () => {
    const { authenticate, compared } = recording({ ann: 'secret' });
    const all = Array.from({ length: 20 }, () => authenticate(basic('ann', 'secret')));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => true));
    expect(compared).toHaveLength(1);
  });

  test('a flood of guesses is turned away unread, and those who are known still get in', async () => {
    const { authenticate, compared } = recording({ ann: 'secret' });
    await authenticate(basic('ann', 'secret'));
    const flood = Array.from({ length: 500 }, (_, i) => authenticate(basic('eve', `guess ${i}`)));
    expect(await authenticate(basic('ann', 'secret'))).toBe(true);
    expect(new Set(await Promise.all(flood))).toEqual(new Set([false]));
    expect(compared.length).toBeLessThan(100);
  });
});

describe('the memory of what was right', () => {
  test('spares the next comparison', async () => {
    const { authenticate, compared } = recording({ ann: 'secret' });
    for (let i = 0; i < 5; i++) expect(await authenticate(basic('ann', 'secret'))).toBe(true);
    expect(compared).toHaveLength(1);
  });

  test('never holds what was wrong', async () => {
    const { authenticate, compared } = recording({ ann: 'secret' });
    for (let i = 0; i < 3; i++) expect(await authenticate(basic('ann', 'wrong'))).toBe(false);
    expect(compared).toHaveLength(3);
  });

  // CVE-2022-46146: a key without borders between its parts let one pair pass for another.
  test('does not mistake one pair of name and password for another', async () => {
    const { authenticate } = recording({ a: 'b:secret', 'a:b': 'secret', ab: 'c' });
    expect(await authenticate(basic('a', 'b:secret'))).toBe(true);
    expect(await authenticate(basic('ab', ':secret'))).toBe(false);
    expect(await authenticate(basic('a', 'bc'))).toBe(false);
  });

  test('lets the oldest go, so that it is bounded', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `user-${i}`);
    const users = Object.fromEntries(names.map((name) => [name, 'secret']));
    const { authenticate, compared } = recording(users);
    for (const name of names) await authenticate(basic(name, 'secret'));
    await authenticate(basic('user-149', 'secret'));
    expect(compared).toHaveLength(150);
    await authenticate(basic('user-0', 'secret'));
    expect(compared).toHaveLength(151);
  });
});

describe('an unknown user', () => {
  test('costs what a known one costs', async () => {
    const { authenticate, compared } = recording({ ann: '$2b$12$x', bob: '$2b$06$x' });
    await authenticate(basic('eve', 'x'));
    expect(compared[0]?.hash).toMatch(/^\$2b\$12\$[./A-Za-z0-9]{53}$/);
  });

  test('does not get in with the password of the hash that stands in', async () => {
    const authenticate = createAuthenticator(new Map([['ann', 'x']]), async () => true);
    expect(await authenticate(basic('eve', 'anything'))).toBe(false);
  });

  test('is not one of those that every object knows', async () => {
    const authenticate = createAuthenticator(new Map([['ann', 'x']]), async () => true);
    expect(await authenticate(basic('constructor', 'x'))).toBe(false);
    expect(await authenticate(basic('__proto__', 'x'))).toBe(false);
  });
});

test.each([
  undefined,
  '',
  'Basic',
  'Basic ',
  'Basic !!!',
  'Bearer abc',
  'Basic YW5u',
  basic('ann', 'x').slice(6),
])('a header %j is nobody', async (header) => {
  const { authenticate, compared } = recording({ ann: 'x' });
  expect(await authenticate(header)).toBe(false);
  expect(compared).toEqual([]);
});

test('a comparison that fails lets nobody in, and the next one runs', async () => {
  let count = 0;
  const authenticate = createAuthenticator(new Map([['ann', 'x']]), async () => {
    count += 1;
    if (count === 1) throw new Error('thread died');
    return true;
  });
  expect(await authenticate(basic('ann', 'x'))).toBe(false);
  expect(await authenticate(basic('ann', 'x'))).toBe(true);
});
