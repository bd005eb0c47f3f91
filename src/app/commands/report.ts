/** `report`: the healing report, of a running exporter or straight from a store. */
import { ExporterError } from '../../core/errors.js';
import { EXIT } from '../exit-codes.js';
import { usage } from './arguments.js';
import { describeAnswer, parseJson, type Client } from './client.js';
import type { Command, CommandIo, CommandOption, ReportQuery } from './command.js';
import { placeOf, requireStore, URL_OPTION, type Place } from './place.js';
import { renderReport } from './report-text.js';

/** What goes into the query string, under the flag's name with `_`. */
const QUERY_OPTIONS: readonly CommandOption[] = [
  { flag: '--range', value: 'DURATION', help: 'only the last 15m, 1h, 30d (default: everything)' },
  { flag: '--from', value: 'TIME', help: 'instead of --range: from this time on (RFC 3339)' },
  { flag: '--to', value: 'TIME', help: 'until before this time' },
  { flag: '--failure-type', value: 'TYPE', help: 'only failures of this type' },
  { flag: '--strategy', value: 'NAME', help: 'only this strategy' },
  { flag: '--agent-id', value: 'ID', help: 'only this agent' },
  { flag: '--source', value: 'SOURCE', help: 'only events of this source' },
];
const FORMATS: readonly string[] = ['text', 'json'];

export const reportCommand: Command = {
  name: 'report',
  summary: 'print the healing report',
  usage: '[--url URL | --storage.path DIR] [options]',
  details:
    'Asks a running exporter, or with --storage.path reads the store itself, which no server\n' +
    'may hold meanwhile.',
  options: [
    URL_OPTION,
    ...QUERY_OPTIONS,
    { flag: '--format', value: 'FORMAT', help: 'text (default) or json' },
  ],
  settings: 'store',
  operands: 0,
  run: async (input, io) => {
    const format = input.options.get('--format') ?? 'text';
    if (!FORMATS.includes(format)) {
      throw usage(reportCommand, `--format: expected text or json, got ${JSON.stringify(format)}`);
    }
    const place = placeOf(reportCommand, input, io);
    const query = Object.fromEntries(
      QUERY_OPTIONS.flatMap(({ flag }) => {
        const value = input.options.get(flag);
        return value === undefined ? [] : [[flag.slice(2).replaceAll('-', '_'), value]];
      }),
    );
    const report = await fetchReport(place, query, io);
    io.stdout(format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
    return EXIT.ok;
  },
};

async function fetchReport(place: Place, query: ReportQuery, io: CommandIo): Promise<unknown> {
  if (place.kind === 'server') return askServer(place.client, query);
  requireStore(place.config.storage.database);
  const exporter = await io.openExporter(place.config, place.log);
  try {
    return await exporter.report(query);
  } finally {
    await exporter.close();
  }
}

async function askServer(client: Client, query: ReportQuery): Promise<unknown> {
  const answer = await client.request('/api/v1/report', { query: { ...query, format: 'json' } });
  const described = describeAnswer(answer);
  if (answer.status === 400)
    throw new ExporterError('INVALID_REQUEST', `${client.url}: ${described}`);
  const report = answer.status === 200 ? parseJson(answer.text) : undefined;
  if (report !== undefined) return report;
  throw new ExporterError(
    'SERVER_UNREACHABLE',
    `${client.url}: expected a report, got ${described}`,
  );
}
