/** A failure as the healer knows it: what failed, and whether it still does. */
import type { FailureType, Metadata, Severity } from './events.js';
import type { Commit } from './ledger.js';
import type { Task } from './task.js';

/** What failed. Each strategy acts on one kind. */
export type Subject =
  | { readonly kind: 'agent'; readonly agentId: string }
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'queue' }
  | { readonly kind: 'swarm' };

export type Standing = 'standing' | 'self_recovered' | 'expired';

export interface Symptom {
  readonly type: FailureType;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly metadata: Metadata;
  /** Looked at whenever no attempt is running: some failures end without help. */
  readonly standing: () => Standing;
}

export interface Failure extends Symptom {
  readonly id: string;
}

/**
 * Tasks and commits have no agent here, though one ran them: what failed is the task, and another
 * agent will do it.
 */
export function agentOf(subject: Subject): { agentId?: string } {
  return subject.kind === 'agent' ? { agentId: subject.agentId } : {};
}

export function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'agent':
      return subject.agentId;
    case 'task':
      return `task-${subject.task.id}`;
    case 'commit':
      return `commit-${subject.commit.number}`;
    case 'queue':
    case 'swarm':
      return subject.kind;
  }
}
