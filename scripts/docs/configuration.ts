// docs/configuration.md, from the schema of the configuration: every setting with its spellings.
import { CONFIG_FILE, SETTINGS, type Setting } from '../../src/app/config/settings.js';

export const outputPath = 'docs/configuration.md';

/** What the schema does not say. The tables are in between. */
const BEFORE = `# Configuration

<!-- Written by \`npm run docs\` from src/app/config/schema.ts. Do not edit. -->

Every setting can be given in three ways, and the first of them wins:

1. as a flag: \`selfhealer-exporter serve --web.listen-address=127.0.0.1:9464\`
2. in the environment: \`SELFHEALER_WEB_LISTEN_ADDRESS=127.0.0.1:9464\`
3. in a YAML file, named by \`${CONFIG_FILE.flag}\` or \`${CONFIG_FILE.env}\`:

\`\`\`yaml
web:
  listen_address: 127.0.0.1:9464
storage:
  path: /var/lib/selfhealer-exporter
  retention_age: 90d
sources:
  files:
    - path: /var/log/healer/results.ndjson
      source: /swarms/alpha
\`\`\`

\`selfhealer-exporter config print\` shows what is in force and where each value came from; what it prints can be used as a
file. \`selfhealer-exporter check\` says whether it is valid.

An unknown key, flag or \`SELFHEALER_\` variable is an error, and so is a value that does not fit. All of them are listed at
once, each with the place it came from, and the process ends with exit code 78 before anything is opened. Variables that
Kubernetes and Docker set for a service of that name (\`SELFHEALER_EXPORTER_SERVICE_HOST\`, \`SELFHEALER_EXPORTER_PORT\` and
the like) are left alone. An empty variable counts as not set, \`null\` in the file as absent.

An application that embeds the exporter gives the same settings to \`createExporter\` in camelCase
(\`{ web: { listenAddress: '127.0.0.1:9464' } }\`), plus \`store: { path: 'healing.db' }\` for the SQLite file itself or
\`store: 'memory'\` for none. Flags, environment and file are then not looked at.

## Values

- **Duration**: as in Prometheus, \`15s\`, \`1h30m\`, \`400d\`; units \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, \`w\` (7 d), \`y\` (365 d). The unit is required.
- **Size**: \`64MiB\`, \`10GB\`; \`KiB\`, \`MiB\`, \`GiB\`, \`TiB\` are powers of 1024, \`KB\`, \`MB\`, \`GB\`, \`TB\` of 1000; without a unit, bytes.
- **Path**: relative to the working directory of the process.

## Settings
`;

const AFTER = `
## The web configuration file

\`web.config.file\` names a YAML file in the format of the Prometheus exporter-toolkit, so one file can serve several exporters:

\`\`\`yaml
tls_server_config:
  cert_file: server.crt            # PEM, beside this file unless the path is absolute
  key_file: server.key
  min_version: TLS12               # or TLS13
  client_ca_file: clients.crt      # with this and the next line only clients with a
  client_auth_type: RequireAndVerifyClientCert   # certificate of this authority get in
basic_auth_users:
  prometheus: $2y$10$...           # bcrypt: htpasswd -nBC 10 "" | tr -d ':\\n'
\`\`\`

Everything is optional; an empty file changes nothing. What the toolkit knows and this exporter does not offer is refused,
not ignored. Passwords travel in every request, so use them with TLS or behind something that ends TLS.
The file is read at start. One password is checked at a time, on a thread of its own; those that were right are
remembered (100 at most), so that scrapes stay cheap.

## Who may reach it

By default the exporter listens on loopback only. On any other address it refuses to start unless users or client
certificates are configured, or \`web.insecure_no_auth\` is set: anybody who reaches the port could otherwise post events and
read reports. In a container the exporter has to listen on \`0.0.0.0\`; set it there when the port is published on
\`127.0.0.1\` or reached only through a network of your own.

## Exit codes

| code | meaning |
|---|---|
| 0 | done; for \`serve\`, ended by SIGTERM or SIGINT with everything on disk |
| 1 | another process holds the store, or a check failed |
| 2 | wrong usage of the command line |
| 65 | some of the data were rejected, or the store needs a decision |
| 69 | the server cannot be reached |
| 70 | internal error |
| 74 | input or output error |
| 78 | configuration not valid |
| 130 | interrupted before it was done |
`;

export function render(): string {
  const groups = new Map<string, Setting[]>();
  for (const setting of SETTINGS) {
    const name = setting.path[0] ?? '';
    groups.set(name, [...(groups.get(name) ?? []), setting]);
  }
  const sections = [...groups].map(([name, settings]) => {
    return [`\n### ${name}\n`, ...settings.map(renderSetting)].join('\n');
  });
  return `${BEFORE}${sections.join('')}${AFTER}`;
}

function renderSetting({ key, flag, env, wants, defaultValue, description }: Setting): string {
  return [
    `#### \`${key}\``,
    '',
    description,
    '',
    `- flag \`${flag}\`, environment \`${env}\``,
    `- takes ${wants}`,
    `- default: ${renderDefault(defaultValue)}`,
    '',
  ].join('\n');
}

function renderDefault(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value) && value.length === 0) return 'an empty list';
  if (JSON.stringify(value) === '{}') return 'an empty map';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
