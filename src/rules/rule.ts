/** What a rule is, before it becomes YAML. */

export interface RecordingRule {
  readonly kind: 'record';
  /** Said above the rule. */
  readonly comment?: string;
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly kind: 'alert';
  readonly comment?: string;
  readonly alert: string;
  readonly expr: string;
  /** Milliseconds. */
  readonly pendingMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Rule = RecordingRule | AlertRule;

export interface RuleGroup {
  readonly name: string;
  readonly comment: string;
  readonly intervalMs: number;
  readonly rules: readonly Rule[];
}

/** Rules are not looked at more often than things are scraped, however times are scaled. */
export function scaledIntervalMs(intervalMs: number, timeScale: number): number {
  return timeScale === 1 ? intervalMs : Math.max(1000, Math.round(intervalMs * timeScale));
}

export type Severity = 'critical' | 'warning' | 'info';
export const DASHBOARDS = ['overview', 'strategies', 'incidents', 'exporter'] as const;
export type Dashboard = (typeof DASHBOARDS)[number];

/** An alert as its topic declares it; addresses and labels that all have are added. */
export interface AlertSpec {
  readonly alert: string;
  readonly severity: Severity;
  readonly expr: string;
  readonly pendingMs: number;
  /** What has happened, in one line. */
  readonly summary: string;
  /** How bad, and what it means. */
  readonly description: string;
  /** What to do first, in a sentence or two; the runbook has the rest. */
  readonly action: string;
  readonly dashboard: Dashboard;
  /** The label whose value the dashboard is opened with. */
  readonly dashboardVariable?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly comment?: string;
}
