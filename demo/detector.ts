/** Finds failures: told of the loud ones, looking for the silent ones. */
import type { Standing, Symptom } from './failure.js';
import type { Commit } from './ledger.js';
import { CONFIG_VERSION, MEMORY_LIMIT_BYTES } from './messages.js';
import { LEDGER } from './supervisor.js';
import type { Swarm } from './swarm.js';
import type { Task, TaskEnd } from './task.js';
import { QUEUE_LENGTH_MAX } from './tasks.js';

export const LOOK_INTERVAL_MS = 250;
const MIB = 1024 * 1024;

const standsWhile = (isFailing: boolean): Standing => (isFailing ? 'standing' : 'self_recovered');

export class Detector {
  readonly #swarm: Swarm;
  readonly #report: (symptom: Symptom) => void;
  #lookedMs = Date.now();

  constructor(swarm: Swarm, report: (symptom: Symptom) => void) {
    this.#swarm = swarm;
    this.#report = report;
    swarm.supervisor.on('died', (agentId, why) => {
      report(this.#crash(agentId, why));
      this.#lookForQuorum();
    });
    swarm.tasks.on('ended', (task, end) => {
      // A retry is the business of the one who asked for it.
      if (!end.ok && task.attempt === 0) report(this.#taskFailure(task, end));
    });
    swarm.ledger.on('failed', (commit, how) => report(this.#commitFailure(commit, how)));
  }

  /** To be called every LOOK_INTERVAL_MS. */
  look(): void {
    const sinceMs = Date.now() - this.#lookedMs;
    this.#lookedMs = Date.now();
    // When we ourselves were late, answers may lie unread: nobody is to be blamed for silence.
    if (sinceMs < 2 * LOOK_INTERVAL_MS) this.#lookForSilence();
    this.#lookIntoAgents();
    this.#lookForQuorum();
    if (this.#swarm.tasks.length > QUEUE_LENGTH_MAX) this.#report(this.#exhaustion());
  }

  #lookForSilence(): void {
    const { agentIds, roster } = this.#swarm.supervisor;
    for (const agentId of [LEDGER, ...agentIds]) {
      if (!roster.isSilent(agentId)) continue;
      this.#report({
        type: 'agent_hang',
        severity: 'medium',
        subject: { kind: 'agent', agentId },
        metadata: { running: true },
        standing: () => standsWhile(!roster.isResponsive(agentId)),
      });
    }
  }

  #lookIntoAgents(): void {
    const { agentIds, roster } = this.#swarm.supervisor;
    for (const agentId of agentIds) {
      const vitals = roster.vitals(agentId);
      if (!vitals) continue;
      const isOver = (): boolean => (roster.vitals(agentId)?.memoryBytes ?? 0) > MEMORY_LIMIT_BYTES;
      if (isOver()) {
        this.#report({
          type: 'memory_leak',
          severity: 'medium',
          subject: { kind: 'agent', agentId },
          metadata: { memory_mib: Math.round(vitals.memoryBytes / MIB) },
          standing: () => standsWhile(isOver()),
        });
      }
      const hasDrifted = (): boolean => {
        const version = roster.vitals(agentId)?.configVersion;
        return version !== undefined && version !== CONFIG_VERSION;
      };
      if (hasDrifted()) {
        this.#report({
          type: 'config_drift',
          severity: 'low',
          subject: { kind: 'agent', agentId },
          metadata: { expected: CONFIG_VERSION, found: vitals.configVersion },
          standing: () => standsWhile(hasDrifted()),
        });
      }
    }
  }

  #lookForQuorum(): void {
    const { supervisor, quorum } = this.#swarm;
    const isLost = (): boolean => supervisor.upAgents().length < quorum;
    if (!isLost()) return;
    this.#report({
      type: 'quorum_lost',
      severity: 'critical',
      subject: { kind: 'swarm' },
      metadata: { up: supervisor.upAgents().length, quorum },
      standing: () => standsWhile(isLost()),
    });
  }

  #crash(agentId: string, why: string): Symptom {
    return {
      type: 'agent_crash',
      severity: 'high',
      subject: { kind: 'agent', agentId },
      metadata: { why },
      standing: () => standsWhile(!this.#swarm.supervisor.roster.isResponsive(agentId)),
    };
  }

  #taskFailure(task: Task, end: TaskEnd & { ok: false }): Symptom {
    return {
      type: end.failure,
      severity: task.priority === 0 ? 'low' : 'medium',
      subject: { kind: 'task', task },
      metadata: { why: end.why, ran_on: end.agentId, priority: task.priority },
      standing: () => (Date.now() > task.deadlineMs ? 'expired' : 'standing'),
    };
  }

  #commitFailure(commit: Commit, how: 'failed' | 'refused'): Symptom {
    return {
      type: 'dependency_timeout',
      severity: 'high',
      subject: { kind: 'commit', commit },
      metadata: { results: commit.taskIds.length, fail_fast: how === 'refused' },
      standing: () => standsWhile(!commit.isWritten),
    };
  }

  #exhaustion(): Symptom {
    const { tasks } = this.#swarm;
    return {
      type: 'resource_exhaustion',
      severity: 'high',
      subject: { kind: 'queue' },
      metadata: { queue_length: tasks.length, limit: QUEUE_LENGTH_MAX },
      standing: () => standsWhile(tasks.length > QUEUE_LENGTH_MAX),
    };
  }
}
