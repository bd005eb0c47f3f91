/** What is wrong with chosen label names, patterns and addresses. */
import { METRICS } from '../metrics/table.js';
import type { RuleOptions } from './options.js';

const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Labels that the rules set themselves, besides those of the metrics. */
const OF_RULES = ['alertname', 'alertstate', 'le', 'long', 'measure', 'short', 'window'];
const TAKEN: ReadonlySet<string> = new Set([
  ...OF_RULES,
  ...Object.values(METRICS).flatMap(({ labels }) => Object.keys(labels)),
]);

export function nameProblems(options: RuleOptions): string[] {
  return [
    ...labelProblems(options),
    ...patternProblems(options.jobPattern),
    ...addressProblems(options.grafanaUrl),
  ];
}

function labelProblems({ jobLabel, instanceLabel, severityLabel }: RuleOptions): string[] {
  const given = { 'job-label': jobLabel, 'instance-label': instanceLabel };
  const all = Object.entries({ ...given, 'severity-label': severityLabel });
  const problems = all.flatMap(([flag, name]) => {
    if (!LABEL.test(name)) return [`${flag}: expected a label name, got ${JSON.stringify(name)}`];
    // Failures have a severity, too; alerts do not take it over.
    if (!TAKEN.has(name) || (flag === 'severity-label' && name === 'severity')) return [];
    return [`${flag}: expected a name of its own: metrics or rules have a label ${name} already`];
  });
  if (new Set(all.map(([, name]) => name)).size < all.length) {
    problems.push('job-label, instance-label, severity-label: expected three different names');
  }
  return problems;
}

/** Prometheus reads RE2: flags at the start, nothing that looks ahead, behind or back. */
function patternProblems(pattern: string): string[] {
  const bare = pattern.replace(/^\(\?[imsU]+\)/, '');
  try {
    new RegExp(`^(?:${bare})$`);
    if (!/\(\?<?[=!]|\\[1-9]/.test(bare)) return [];
  } catch {
    // Said below.
  }
  return [
    `job-pattern: expected a regular expression as Prometheus reads them, got ${JSON.stringify(pattern)}`,
  ];
}

function addressProblems(address: string): string[] {
  if (/^https?:/.test(address) && URL.canParse(address)) return [];
  return [`grafana-url: expected an address that begins with http, got ${JSON.stringify(address)}`];
}
