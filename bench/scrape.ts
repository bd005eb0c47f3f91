// What a scrape costs: our text of 2,000 and of 10,000 series beside prom-client's own metrics that hold the same
// series, and our protobuf beside our text; and how long it holds up everything else. Each in a process of its own, in turns.
import { isShort, publish, ratioOf, type Comparison } from './support/measure.js';
import { startContestants, takeTurns } from './support/turns.js';

const ROUNDS = isShort() ? 5 : 15;
/** The first ones are those of code that is not compiled yet. */
const WARM_UP_ROUNDS = isShort() ? 5 : 10;
const BLOCK_MS_MAX = 15;
const WAYS = ['text', 'prom-client', 'openmetrics', 'protobuf', 'block'] as const;

publish(await compare({ strategies: 11, ratioMax: 1.3, protobufRatioMax: undefined }));
publish(await compare({ strategies: 71, ratioMax: 0.5, protobufRatioMax: 1.2 }));

/** `strategies`: about 135 series each, beside some 670 that are always there. */
async function compare(given: {
  readonly strategies: number;
  readonly ratioMax: number;
  readonly protobufRatioMax: number | undefined;
}): Promise<Comparison> {
  const contestants = await startContestants('./scrape-contestant.ts', WAYS, [given.strategies]);
  const [first, second] = contestants.map(({ about }) => about);
  if (first?.['digest'] !== second?.['digest']) throw new Error('bench: the two show other lines');
  const turns = await takeTurns(contestants, { rounds: ROUNDS, warmUpRounds: WARM_UP_ROUNDS });
  const renders = Number(first?.['renders']);
  const [ours = [], promClient = [], ofOpenMetrics = [], ofProtobuf = []] = turns.map((millis) =>
    millis.map((one) => one / renders),
  );
  const [, , , , blocks = []] = turns;
  const limits = blocks.map(() => BLOCK_MS_MAX);
  return {
    name: `A scrape of ${first?.['series']} series, processor time`,
    contestants: [
      { name: 'text', unit: 'ms', values: ours },
      { name: 'prom-client', unit: 'ms', values: promClient },
      { name: 'OpenMetrics', unit: 'ms', values: ofOpenMetrics },
      { name: 'protobuf', unit: 'ms', values: ofProtobuf },
      { name: 'longest block', unit: 'ms', values: blocks },
    ],
    limits: [
      ratioOf('text / prom-client', ours, promClient, given.ratioMax),
      ratioOf('protobuf / text', ofProtobuf, ours, given.protobufRatioMax),
      ratioOf(`longest block / ${BLOCK_MS_MAX} ms`, blocks, limits, 1),
    ],
    notes: [
      'longest block: of the event loop, while all three formats are scraped at once; ' +
        `at most ${Math.max(...blocks).toFixed(1)} ms in ${blocks.length} rounds (the limit holds the median)`,
    ],
  };
}
