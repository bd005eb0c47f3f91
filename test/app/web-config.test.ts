import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/app/config/problem.js';
import { asksWhoIsThere, readWebConfig } from '../../src/app/web-config.js';

const TESTDATA = join(import.meta.dirname, 'testdata');
const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
const TLS = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

/** As if it stood beside the certificates. */
function read(text: string) {
  const path = join(TESTDATA, 'web.yml');
  return readWebConfig(path, (file) => (file === path ? text : readFileSync(file, 'utf8')));
}

function complaints(text: string): string {
  const result = read(text);
  return result.ok ? '' : result.problems.map(describeProblem).join('\n').replaceAll(TESTDATA, '');
}

function access(text: string) {
  const result = read(text);
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'));
  return result.access;
}

describe('the web configuration file', () => {
  test('an empty one changes nothing', () => {
    for (const text of ['', '# nothing\n', 'tls_server_config:\nbasic_auth_users:\n']) {
      expect(access(text)).toEqual({ tls: undefined, users: new Map() });
      expect(asksWhoIsThere(access(text))).toBe(false);
    }
  });

  test('certificates are found beside it', () => {
    expect(access(TLS).tls).toMatchObject({
      cert: expect.stringContaining('BEGIN CERTIFICATE'),
      key: expect.stringContaining('PRIVATE KEY'),
      requestCert: false,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    expect(access(`${TLS}  min_version: TLS13\n`).tls?.minVersion).toBe('TLSv1.3');
  });

  test('TLS alone keeps nobody out, users and client certificates do', () => {
    expect(asksWhoIsThere(access(TLS))).toBe(false);
    expect(asksWhoIsThere(access(`basic_auth_users: {ann: "${HASH}"}`))).toBe(true);
    const clients =
      '  client_ca_file: server.crt\n  client_auth_type: RequireAndVerifyClientCert\n';
    const withClients = access(TLS + clients);
    expect(withClients.tls).toMatchObject({ requestCert: true, rejectUnauthorized: true });
    expect(asksWhoIsThere(withClients)).toBe(true);
  });

  test('users with hashes of every bcrypt flavour are taken', () => {
    const hashes = ['$2a$', '$2b$', '$2y$'].map((prefix) => HASH.replace('$2y$', prefix));
    const text = hashes.map((hash, i) => `  user-${i}: ${hash}`).join('\n');
    expect([...access(`basic_auth_users:\n${text}`).users.values()]).toEqual(hashes);
  });
});

describe('bad ones are refused', () => {
  test.each([
    ['no YAML', 'basic_auth_users: [', /^expected YAML: .*web\.yml:1\)/],
    ['a list', '- a', /expected object/],
    [
      'half a key pair',
      'tls_server_config:\n  cert_file: server.crt',
      /tls_server_config\.key_file: expected the path of the key/,
    ],
    [
      'a certificate that is not there',
      TLS.replace('server.crt', 'gone.crt'),
      /tls_server_config\.cert_file: expected a file that can be read, got ENOENT.*web\.yml:2\)/,
    ],
    [
      'a key of another certificate',
      TLS.replace('server.key', 'other.key'),
      /tls_server_config: expected a certificate and its key, got .*mismatch/,
    ],
    [
      'a key for a certificate',
      TLS.replace('server.crt', 'server.key'),
      /expected a certificate and its key/,
    ],
    [
      'old TLS',
      `${TLS}  min_version: TLS10`,
      /min_version: expected TLS12 or TLS13, got "TLS10".*web\.yml:4\)/,
    ],
    [
      'clients without an authority',
      `${TLS}  client_auth_type: RequireAndVerifyClientCert`,
      /expected client_ca_file and client_auth_type/,
    ],
    [
      'an authority without a policy',
      `${TLS}  client_ca_file: server.crt`,
      /expected client_ca_file and client_auth_type/,
    ],
    [
      'a policy that would check nothing',
      `${TLS}  client_auth_type: RequestClientCert`,
      /expected NoClientCert or RequireAndVerifyClientCert, got "RequestClientCert"/,
    ],
    [
      'what we do not offer',
      'http_server_config: {http2: true}',
      /http_server_config: expected one of tls_server_config\.cert_file/,
    ],
    [
      'a typing error',
      `${TLS}  cert_fil: x`,
      /cert_fil: .*did you mean tls_server_config\.cert_file\?/,
    ],
    [
      'a user without a name',
      `basic_auth_users: {"": "${HASH}"}`,
      /expected a name that is not empty/,
    ],
    [
      'a colon in a name',
      `basic_auth_users: {"a:b": "${HASH}"}`,
      /expected a name that is not empty, without colon/,
    ],
    [
      'a hash of too great a cost',
      `basic_auth_users: {ann: "${HASH.replace('$10$', '$20$')}"}`,
      /expected a bcrypt hash of cost 04 to 16/,
    ],
    [
      'users as a list',
      'basic_auth_users: [ann]',
      /basic_auth_users: expected \{name: bcrypt hash\}, got an array of 1/,
    ],
  ])('%s', (_, text, complaint) => {
    expect(complaints(text)).toMatch(complaint);
  });

  test('a password in plain text, which is not shown', () => {
    const said = complaints('basic_auth_users:\n  ann: hunter2-correct-horse\n  bob: 12345\n');
    expect(said).toContain('basic_auth_users.ann: expected a bcrypt hash');
    expect(said).toContain('web.yml:2)');
    expect(said).toContain('basic_auth_users.bob: expected a bcrypt hash');
    expect(said).not.toMatch(/hunter2|12345/);
  });

  test('a file that is not there', () => {
    const result = readWebConfig('gone.yml', () => {
      throw new Error('ENOENT: no such file');
    });
    expect(result).toMatchObject({ ok: false, problems: [{ key: 'web.config.file' }] });
  });
});
