/**
 * `POST /api/v1/events`, on the requests of a bare node:http server: a request through Express
 * costs six times as much, and healers send one event each. Who may come in has been settled
 * before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyShape, Delivery, Intake, Refusal, Settled, Source } from '../../core/ports.js';
import { answerRefusal, answerSettled, answerUnread, answerWrongMethod } from './answer.js';
import { toStructured } from './binary-mode.js';
import { BodyCollector } from './body.js';
import { readBodyKind, type BodyKind } from './media-type.js';

export const EVENTS_PATH = '/api/v1/events';

const NOT_READY: Refusal = {
  code: 'not_ready',
  message: 'recovery from the log is not complete; send again later',
  retryAfterSeconds: 1,
};
const SHUTTING_DOWN: Refusal = {
  code: 'shutting_down',
  message: 'the exporter is shutting down; send again later',
  retryAfterSeconds: 5,
};

export class HttpSource implements Source {
  readonly input = 'http';
  readonly #collector = new BodyCollector();
  #intake: Intake | undefined;
  #isStopped = false;
  /** Requests taken and not offered yet. */
  #reading = 0;
  #whenRead: (() => void)[] = [];

  /** `countUnready`: where requests that come before `start` are counted. */
  constructor(private readonly countUnready: Intake['countRefused']) {}

  async start(intake: Intake): Promise<void> {
    this.#intake = intake;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#reading > 0) await new Promise<void>((resolve) => this.#whenRead.push(resolve));
  }

  /** Answers a request for `EVENTS_PATH`, now or when its events are on disk. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') {
      answerWrongMethod(response, request.method);
      return;
    }
    const kind = this.#isStopped ? SHUTTING_DOWN : readBodyKind(request.headers);
    const intake = this.#intake;
    if ('code' in kind) this.refuseUnread(request, response, kind);
    else if (intake === undefined) this.refuseUnread(request, response, NOT_READY);
    else this.#read(request, response, { kind, intake });
  }

  /** Turns a request away before its body is read: also for those who do that before `handle`. */
  refuseUnread(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    (this.#intake?.countRefused.bind(this.#intake) ?? this.countUnready)('http', refusal.code);
    answerUnread(request, response, refusal);
  }

  #read(
    request: IncomingMessage,
    response: ServerResponse,
    { kind, intake }: { readonly kind: BodyKind; readonly intake: Intake },
  ): void {
    this.#reading += 1;
    const collector = this.#collector;
    const take = (body: Buffer | Refusal): void => {
      if (!Buffer.isBuffer(body)) {
        this.refuseUnread(request, response, body);
      } else if (kind.shape === 'binary') {
        const event = toStructured(request.headers, body);
        intake.offer(new HttpDelivery(event, 'one', { received: body, response, collector }));
      } else {
        const from = { received: body, response, collector };
        intake.offer(new HttpDelivery(body, kind.shape, from));
      }
      this.#reading -= 1;
      if (this.#reading === 0) for (const resolve of this.#whenRead.splice(0)) resolve();
    };
    collector.collect(request, kind.isGzip, take);
  }
}

interface From {
  /** The body as it was collected: its memory is used again. */
  readonly received: Buffer;
  readonly response: ServerResponse;
  readonly collector: BodyCollector;
}

class HttpDelivery implements Delivery {
  readonly input = 'http';

  constructor(
    readonly body: Buffer,
    readonly shape: BodyShape,
    private readonly from: From,
  ) {}

  settle(settled: Settled): void {
    const { received, response, collector } = this.from;
    collector.giveBack(received);
    answerSettled(response, settled);
  }

  refuse(refusal: Refusal): void {
    const { received, response, collector } = this.from;
    collector.giveBack(received);
    answerRefusal(response, refusal);
  }
}
