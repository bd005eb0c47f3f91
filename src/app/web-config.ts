/**
 * The web configuration file: TLS and users, in the format of the Prometheus exporter-toolkit, so that a file
 * that serves other exporters serves this one too. What we do not offer is refused, never ignored.
 */
import { createSecureContext, type SecureVersion } from 'node:tls';
import { dirname, isAbsolute, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { describeValue } from '../core/decode/describe.js';
import type { ConfigProblem } from './config/problem.js';
import { didYouMean } from './config/suggest.js';

/** Options for `node:https`. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
}

export interface WebAccess {
  /** Undefined: plain HTTP. */
  readonly tls: TlsOptions | undefined;
  /** bcrypt hash by user name. Empty: no passwords are asked for. */
  readonly users: ReadonlyMap<string, string>;
}

export const OPEN_ACCESS: WebAccess = { tls: undefined, users: new Map() };

export type WebConfigResult =
  | { readonly ok: true; readonly access: WebAccess }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Every client must show who it is, by password or by certificate. */
export function asksWhoIsThere({ tls, users }: WebAccess): boolean {
  return users.size > 0 || tls?.requestCert === true;
}

/**
 * Files named in it are looked for beside it. `readFile` throws when it cannot. Also refused: a key that does
 * not fit its certificate.
 */
export function readWebConfig(path: string, readFile: (path: string) => string): WebConfigResult {
  const problems: ConfigProblem[] = [];
  const problem = (key: string, message: string, line?: number): void => {
    problems.push({ key, message, origin: { kind: 'file', path, line } });
  };
  const text = attempt(() => readFile(path));
  if (!text.ok) {
    problem('web.config.file', `expected a file that can be read, got ${text.reason}`);
    return { ok: false, problems };
  }
  const lines = new LineCounter();
  const document = parseDocument(text.value, { lineCounter: lines });
  for (const error of document.errors) {
    const [what = ''] = error.message.split('\n', 1);
    problem('', `expected YAML: ${what.replace(/ at line .*$/, '')}`, error.linePos?.[0].line);
  }
  const tree = attempt((): unknown => document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!tree.ok) problem('', `expected YAML: ${tree.reason}`);
  if (!tree.ok || problems.length > 0) return { ok: false, problems };

  const parsed = webConfigSchema.safeParse(tree.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      for (const { key, message } of explain(issue)) problem(key, message);
    }
    return { ok: false, problems };
  }
  const { tls_server_config: tlsConfig, basic_auth_users: users } = parsed.data;
  const tls =
    tlsConfig === undefined
      ? undefined
      : loadTls(
          tlsConfig,
          (file) => readFile(isAbsolute(file) ? file : join(dirname(path), file)),
          problem,
        );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, access: { tls, users: new Map(Object.entries(users ?? {})) } };
}

/** `$2a$`, `$2b$` or `$2y$`. A cost above 16 takes seconds for each password tried, so it is refused. */
const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/;
const BCRYPT_WANTED = 'a bcrypt hash of cost 04 to 16, as made by `htpasswd -nBC 10 ""`';

const userNameSchema = z
  .string()
  .refine((name) => name !== '' && !hasControlCharacter(name) && !name.includes(':'), {
    error: 'expected a name that is not empty, without colon and control characters',
  });

const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string({ error: 'expected the path of the certificate (PEM)' }).min(1),
      key_file: z.string({ error: 'expected the path of the key (PEM)' }).min(1),
      client_ca_file: z.string().min(1).optional(),
      client_auth_type: z
        .enum(['NoClientCert', 'RequireAndVerifyClientCert'], {
          error: ({ input }) =>
            `expected NoClientCert or RequireAndVerifyClientCert, got ${describeValue(input)}`,
        })
        .optional(),
      min_version: z
        .enum(['TLS12', 'TLS13'], {
          error: ({ input }) => `expected TLS12 or TLS13, got ${describeValue(input)}`,
        })
        .prefault('TLS12'),
    })
    .nullish()
    .transform((value) => value ?? undefined),
  basic_auth_users: z
    .record(
      userNameSchema,
      // The hash is a secret, so the message does not show what stands there.
      z.string({ error: `expected ${BCRYPT_WANTED}` }).regex(BCRYPT_HASH, {
        error: `expected ${BCRYPT_WANTED}`,
      }),
      { error: ({ input }) => `expected {name: bcrypt hash}, got ${describeValue(input)}` },
    )
    .nullish()
    .transform((value) => value ?? undefined),
});

type TlsConfig = NonNullable<z.output<typeof webConfigSchema>['tls_server_config']>;

function loadTls(
  config: TlsConfig,
  readFile: (path: string) => string,
  problem: (key: string, message: string) => void,
): TlsOptions | undefined {
  const read = (name: 'cert_file' | 'key_file' | 'client_ca_file'): string | undefined => {
    const file = config[name];
    if (file === undefined) return undefined;
    const text = attempt(() => readFile(file));
    if (text.ok) return text.value;
    problem(`tls_server_config.${name}`, `expected a file that can be read, got ${text.reason}`);
    return undefined;
  };
  const cert = read('cert_file');
  const key = read('key_file');
  const ca = read('client_ca_file');
  const verifies = config.client_auth_type === 'RequireAndVerifyClientCert';
  if (verifies !== (config.client_ca_file !== undefined)) {
    problem(
      'tls_server_config',
      'expected client_ca_file and client_auth_type: RequireAndVerifyClientCert together, got one of them',
    );
  }
  if (cert === undefined || key === undefined) return undefined;
  const options: TlsOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    requestCert: verifies,
    rejectUnauthorized: verifies,
    minVersion: config.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
  };
  const context = attempt(() => createSecureContext({ ...options }));
  if (!context.ok) {
    problem('tls_server_config', `expected a certificate and its key, got ${context.reason}`);
  }
  return options;
}

/** One issue of the schema as key and message; unknown keys one by one. */
function explain(issue: z.core.$ZodIssue): readonly { key: string; message: string }[] {
  const key = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const whole = key === '' ? name : `${key}.${name}`;
      const message = `expected one of ${KEYS.join(', ')}, got an unknown key${didYouMean(whole, KEYS)}`;
      return { key: whole, message };
    });
  }
  if (issue.code === 'invalid_key') {
    return [{ key, message: issue.issues[0]?.message ?? issue.message }];
  }
  return [{ key, message: issue.message }];
}

const KEYS = [
  'tls_server_config.cert_file',
  'tls_server_config.key_file',
  'tls_server_config.client_ca_file',
  'tls_server_config.client_auth_type',
  'tls_server_config.min_version',
  'basic_auth_users',
] as const;

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
