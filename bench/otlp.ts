// What a push over OTLP costs: our rows through a MeterProvider's reader to protobuf and JSON beside instruments of the SDK that
// hold the same series, through its own serializers; each in a process of its own, in turns.
import { isShort, publish, ratioOf } from './support/measure.js';
import { startContestants, takeTurns } from './support/turns.js';

const ROUNDS = isShort() ? 5 : 15;
/** The first ones are those of code that is not compiled yet; a push goes on for days. */
const WARM_UP_ROUNDS = isShort() ? 5 : 10;
const RATIO_MAX = 0.5;
const NAMES = {
  protobuf: 'protobuf',
  'sdk-protobuf': "the SDK's instruments",
  json: 'JSON',
  'sdk-json': "the SDK's, in JSON",
} as const;

const contestants = await startContestants('./otlp-contestant.ts', Object.keys(NAMES));
const abouts = contestants.map(({ about }) => about);
const points = new Set(abouts.map((about) => about['points']));
if (points.size !== 1) throw new Error(`bench: ${[...points].join(' and ')} points`);

const turns = await takeTurns(contestants, { rounds: ROUNDS, warmUpRounds: WARM_UP_ROUNDS });
const values = turns.map((millis, n) => millis.map((one) => one / Number(abouts[n]?.['exports'])));
const [ours = [], ofSdk = [], ofJson = [], ofSdkJson = []] = values;
const names = Object.values(NAMES);
publish({
  name: `An OTLP export of ${[...points].join('')} points (${abouts[0]?.['lines']} series of text), processor time`,
  contestants: names.map((name, n) => ({ name, unit: 'ms', values: values[n] ?? [] })),
  limits: [
    ratioOf('protobuf / SDK', ours, ofSdk, RATIO_MAX),
    ratioOf('JSON / SDK in JSON', ofJson, ofSdkJson, RATIO_MAX),
  ],
  notes: [`bytes: ${names.map((name, n) => `${name} ${abouts[n]?.['bytes']}`).join(', ')}`],
});
