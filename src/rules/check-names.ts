/** What is wrong with chosen label names, patterns and addresses. */
import { patternProblem } from './check-pattern.js';
import { METRICS } from '../metrics/table.js';
import type { RuleOptions } from './options.js';

const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** In a list of labels PromQL takes these for numbers. */
const NUMBERS = /^(?:inf|nan)$/i;
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
    ...addressProblems(options),
  ];
}

function labelProblems({ jobLabel, instanceLabel, severityLabel }: RuleOptions): string[] {
  const given = { 'job-label': jobLabel, 'instance-label': instanceLabel };
  const all = Object.entries({ ...given, 'severity-label': severityLabel });
  const problems = all.flatMap(([flag, name]) => {
    if (!LABEL.test(name)) return [`${flag}: expected a label name, got ${JSON.stringify(name)}`];
    if (NUMBERS.test(name)) return [`${flag}: expected a name, ${name} is a number in PromQL`];
    // Failures have a severity, too; alerts do not take it over.
    if (!TAKEN.has(name) || (flag === 'severity-label' && name === 'severity')) return [];
    return [`${flag}: expected a name of its own: metrics or rules have a label ${name} already`];
  });
  if (new Set(all.map(([, name]) => name)).size < all.length) {
    problems.push('job-label, instance-label, severity-label: expected three different names');
  }
  return problems;
}

function patternProblems(pattern: string): string[] {
  const problem = patternProblem(pattern);
  if (problem === undefined) return [];
  const got = JSON.stringify(pattern);
  return [
    `job-pattern: expected a regular expression that is plain RE2, as Prometheus reads them; ${got} ${problem}`,
  ];
}

/** Annotations are templates, and these addresses stand in them. */
function addressProblems({ grafanaUrl, runbookUrl }: RuleOptions): string[] {
  const problems = Object.entries({ 'grafana-url': grafanaUrl, 'runbook-url': runbookUrl })
    .filter(([, address]) => /\{\{|\p{Cc}/u.test(address))
    .map(
      ([flag, address]) =>
        `${flag}: expected an address without {{, which begins a template, got ${JSON.stringify(address)}`,
    );
  if (/^https?:/.test(grafanaUrl) && URL.canParse(grafanaUrl)) return problems;
  const got = JSON.stringify(grafanaUrl);
  return [`grafana-url: expected an address that begins with http, got ${got}`, ...problems];
}
