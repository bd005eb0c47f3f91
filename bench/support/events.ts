// Events for load: pairs of a detection and the completion that heals it, as docs/events.md shows them, about 400
// bytes a line. Ids are time-ordered (ULID) or random (UUID).
import { randomUUID } from 'node:crypto';

const STRATEGIES = [
  ['agent_down', 'AgentRestartStrategy'],
  ['task_timeout', 'TaskRetryStrategy'],
  ['resource_exhausted', 'ResourceRebalanceStrategy'],
  ['quorum_lost', 'QuorumRecoveryStrategy'],
] as const;
const AGENTS = 50;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type IdKind = 'ulid' | 'uuid';

export interface EventStream {
  /** NDJSON of the next events. */
  next(events: number): Buffer;
}

/** `msPerEvent` apart, from `fromMs` on. */
export function eventStream(options: {
  readonly ids: IdKind;
  readonly fromMs: number;
  readonly msPerEvent: number;
}): EventStream {
  let n = 0;
  const line = (): string => {
    const pair = n >> 1;
    const timeMs = options.fromMs + n * options.msPerEvent;
    const time = new Date(timeMs).toISOString();
    const [failureType, strategy] = STRATEGIES[pair % STRATEGIES.length] ?? STRATEGIES[0];
    const agentId = `agent-${String(pair % AGENTS).padStart(3, '0')}`;
    const failureId = `${failureType}_${agentId}_${options.fromMs + pair}`;
    const id = options.ids === 'ulid' ? ulid(timeMs, n) : randomUUID();
    const detected = n % 2 === 0;
    n += 1;
    const data = detected
      ? {
          failure_id: failureId,
          failure_type: failureType,
          agent_id: agentId,
          severity: 'high',
          detected_at: time,
          event: { type: 'heartbeat_missed', agent_id: agentId, missed: 3 },
        }
      : {
          success: pair % 20 !== 7,
          failure_id: failureId,
          strategy_used: strategy,
          actions_taken: [`Unregistered ${agentId}`, `Re-registered ${agentId}`],
          duration_ms: 50 + ((pair * 37) % 2000),
          timestamp: time,
          metadata: { agent_id: agentId },
        };
    const type = detected ? 'selfhealer.failure.detected' : 'selfhealer.healing.completed';
    return JSON.stringify({ specversion: '1.0', id, source: '/swarms/alpha', type, time, data });
  };
  return {
    next: (events) => Buffer.from(Array.from({ length: events }, line).join('\n') + '\n'),
  };
}

/** Ten characters of time, sixteen that grow with the number: time-ordered also within a millisecond. */
function ulid(timeMs: number, number: number): string {
  return base32(Math.floor(timeMs), 10) + base32(number, 16);
}

function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i += 1, rest = Math.floor(rest / 32)) {
    text = (CROCKFORD[rest % 32] ?? '0') + text;
  }
  return text;
}
