/** A task, and how a run of it can end. */
export interface Task {
  readonly id: number;
  /** 0 is shed first. */
  readonly priority: number;
  /** Whether it may run twice. */
  readonly isIdempotent: boolean;
  /** After this nobody wants the result any more. */
  readonly deadlineMs: number;
  /** 0 is the first run. */
  attempt: number;
}

export type TaskEnd = { readonly agentId: string } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: 'task_timeout' | 'task_error'; readonly why: string }
);
