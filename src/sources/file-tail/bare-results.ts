/** Lines without an envelope get one, where the file was given a source for them. */
import { healingResultToCloudEvent, isBareHealingResult } from '../healing-result.js';

const LINE_FEED = 0x0a;
/** Every CloudEvent says it. A line that does not is looked at more closely. */
const ENVELOPE_MARK = '"specversion"';

/**
 * The same lines, bare HealingResults wrapped. `onFault`: one that cannot be wrapped; it stays as
 * it is and is rejected for its missing envelope.
 */
export function wrapBareResults(
  lines: Buffer,
  source: string,
  onFault: (message: string) => void,
): Buffer {
  const wrapped: (Buffer | string)[] = [];
  let isChanged = false;
  for (let start = 0; start < lines.length;) {
    const lineFeed = lines.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? lines.length : lineFeed + 1;
    const line = lines.subarray(start, end);
    const event = line.includes(ENVELOPE_MARK) ? undefined : wrap(line, source, onFault);
    isChanged ||= event !== undefined;
    wrapped.push(event ?? line);
    start = end;
  }
  if (!isChanged) return lines;
  return Buffer.concat(
    wrapped.map((line) => (typeof line === 'string' ? Buffer.from(line) : line)),
  );
}

function wrap(
  line: Buffer,
  source: string,
  onFault: (message: string) => void,
): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isBareHealingResult(value)) return undefined;
  const converted = healingResultToCloudEvent(value, source);
  if (converted.ok) return `${JSON.stringify(converted.event)}\n`;
  onFault(converted.message);
  return undefined;
}
