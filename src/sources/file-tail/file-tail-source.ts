/**
 * Follows a file of NDJSON as it grows, through rotation and truncation. How far it was read stands
 * in the log beside the events, in one transaction, so that no line is lost or counted twice.
 */
import type { BodyShape, Intake, Log, Refusal, Settled, Source } from '../../core/ports.js';
import type { StartTimer } from '../timer.js';
import { wrapBareResults } from './bare-results.js';
import { cutLines } from './chunk.js';
import { openFollowed, statFile, type FollowedFile } from './followed-file.js';
import { beginningOf, beginsWith, fileOf, readPlace, writePlace } from './place.js';

export interface FileTailParts {
  readonly path: string;
  /**
   * Of lines that are bare HealingResults. Undefined: those are rejected for their missing
   * envelope.
   */
  readonly source: string | undefined;
  /** How far it was read before, as the log keeps it: `EventLog.opened.checkpoints`. */
  readonly checkpoints: ReadonlyMap<string, string>;
  readonly startTimer: StartTimer;
  readonly report: Log;
}

const POLL_MS = 250;
const RETRY_MS = 1000;
/** Two seconds: a writer, or one of several, may hear of the rotation later than the new file is made. */
const LOOKS_SINCE_ROTATED = 8;
/** Read at once. A line that is longer is skipped; no event may have a sixteenth of it. */
const CHUNK_BYTES = 1024 * 1024;

export class FileTailSource implements Source {
  readonly input = 'file';
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly #checkpointName: string;
  /** Kinds of trouble that were reported. */
  readonly #reported = new Set<string>();
  #followed: FollowedFile | undefined;
  /** How often this one was found at its end since another file stands at the path and is written to. */
  #looksSinceRotated = 0;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FileTailParts) {
    this.#checkpointName = `file:${parts.path}`;
  }

  /** A file that is missing is waited for. */
  async start(intake: Intake): Promise<void> {
    const { path, checkpoints, report } = this.parts;
    await statFile(path);
    const checkpoint = checkpoints.get(this.#checkpointName);
    const place = checkpoint === undefined ? undefined : readPlace(checkpoint);
    this.#followed = await openFollowed(path, place);
    if (place !== undefined && this.#followed?.offset !== place.offset) {
      report('warn', 'the file was replaced meanwhile: what was not read before is lost', { path });
    }
    this.#running = this.#run(intake);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake?.();
    await this.#running;
    await this.#followed?.handle.close();
    this.#followed = undefined;
  }

  async #run(intake: Intake): Promise<void> {
    while (!this.#isStopped) {
      try {
        if (!(await this.#advance(intake))) await this.#pause(POLL_MS);
      } catch (error) {
        this.#reportOnce('file cannot be followed; it is tried again', String(error), { error });
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** One step; false when there is nothing to do for now. */
  async #advance(intake: Intake): Promise<boolean> {
    const followed = (this.#followed ??= await openFollowed(this.parts.path, undefined));
    if (followed === undefined) return false;
    if (await this.#readSome(intake, followed, false)) {
      this.#looksSinceRotated = 0;
      return true;
    }
    return this.#lookAround(intake, followed);
  }

  /** True when something was through. `isLast`: a last line without a line feed counts as whole. */
  async #readSome(intake: Intake, followed: FollowedFile, isLast: boolean): Promise<boolean> {
    const { handle, offset, isInsideLine } = followed;
    const { bytesRead } = await handle.read(this.#chunk, 0, CHUNK_BYTES, offset);
    if (bytesRead === 0) return false;
    const bytes = this.#chunk.subarray(0, bytesRead);
    const isFull = bytesRead === CHUNK_BYTES;
    const cut = cutLines({ bytes, offset, isInsideLine, isLast: isLast && !isFull, isFull });
    if (cut.length === 0) return false;
    const after: FollowedFile = {
      ...followed,
      offset: offset + cut.length,
      isInsideLine: cut.isInsideLine,
      beginning: await beginningOf(handle, offset + cut.length, followed.beginning),
    };
    // Nothing but the rest of a line that is skipped: it will be skipped again, if need be.
    if (cut.lines.length > 0 && !(await this.#deliver(intake, cut, after))) return true;
    this.#followed = after;
    return true;
  }

  /** False when it was refused: then the same is read again after a while. */
  async #deliver(
    intake: Intake,
    { lines, shape }: { readonly lines: Buffer; readonly shape: BodyShape },
    { file, offset, isInsideLine, beginning }: FollowedFile,
  ): Promise<boolean> {
    const { source, path } = this.parts;
    const onFault = (message: string): void =>
      this.#reportOnce('a line is a healing result that cannot be read', message, { message });
    const body =
      source === undefined || shape === 'one' ? lines : wrapBareResults(lines, source, onFault);
    const value = writePlace({ file, offset, isInsideLine, beginning });
    const checkpoint = { name: this.#checkpointName, value };
    const outcome = await new Promise<Settled | Refusal>((resolve) => {
      intake.offer({ input: 'file', body, shape, checkpoint, settle: resolve, refuse: resolve });
    });
    if ('code' in outcome) {
      const { retryAfterSeconds } = outcome;
      await this.#pause(retryAfterSeconds === undefined ? RETRY_MS : retryAfterSeconds * 1000);
      return false;
    }
    for (const { code, message } of outcome.rejected) {
      this.#reportOnce('a line was rejected', code, { path, code, message });
    }
    return true;
  }

  /** At the end of the file: whether another has taken its place, or it was emptied. */
  async #lookAround(intake: Intake, followed: FollowedFile): Promise<boolean> {
    const { path, report } = this.parts;
    const { handle, offset, beginning } = followed;
    const there = await statFile(path);
    // Moved away, and the new one not made yet: whoever writes may still write to this one.
    if (there === undefined) return false;
    if (fileOf(there) !== followed.file) {
      // Whoever writes has not opened the new one yet, or may still write to this one.
      if (there.size > 0) this.#looksSinceRotated += 1;
      if (this.#looksSinceRotated < LOOKS_SINCE_ROTATED) return false;
      if (await this.#readSome(intake, followed, true)) return true;
      await handle.close();
      this.#looksSinceRotated = 0;
      this.#followed = await openFollowed(path, undefined);
      report('info', 'file was rotated', { path });
      return true;
    }
    if (there.size >= offset && (await beginsWith(handle, beginning))) return false;
    report('warn', 'file was truncated: what was not read before is lost', { path });
    await handle.close();
    this.#followed = await openFollowed(path, undefined);
    return true;
  }

  async #pause(delayMs: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.parts.startTimer(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #reportOnce(message: string, kind: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#reported.has(kind) || this.#reported.size >= 100) return;
    this.#reported.add(kind);
    this.parts.report('warn', message, { path: this.parts.path, ...fields });
  }
}
