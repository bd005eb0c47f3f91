import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../support/servers.js';
import { readRuleOptions, RULE_FLAGS } from '../../src/app/commands/rule-flags.js';
import { formatDuration, parseDuration } from '../../src/rules/duration.js';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { rulesFile } from '../../src/rules/rules-file.js';

/** The text of the rules, or the problems. */
function rules(flags: Readonly<Record<string, string>>): string | readonly string[] {
  const read = readRuleOptions(new Map(Object.entries(flags)));
  if (!read.ok) return read.problems;
  const file = rulesFile(read.options);
  return file.ok ? file.text : file.problems;
}

test('an objective at which a burn alert could never fire is refused with the reason', () => {
  expect(rules({ '--objective': '0.9' })).toEqual([
    'burn 14.4:1h:5m: could never fire at objective 0.9: 144 % of the attempts would have to fail; ' +
      'the factor must be at most 9.9',
  ]);
  expect(rules({ '--objective': '0.9', '--burn': '10:1h:5m' })).toEqual([
    expect.stringMatching(/^burn 10:1h:5m: could never fire at objective 0.9: 100 %/),
  ]);
  expect(rules({ '--objective': '0.9', '--burn': '8:1h:5m,1:1d:2h' })).toContain('> 8 * 0.1');
  expect(rules({ '--objective': '0.97' })).toContain('> 14.4 * 0.03');
});

test.each([
  ['--recovery-slow', '4h', /could never fire: the highest bucket ends at 4h/],
  ['--trend-delta', '1', /could never fire: rates differ by 1 at most/],
  ['--precision-min', '0', /could never fire: no share is below 0/],
  ['--degraded-level', '5', /could never fire: the worst level is 4/],
  ['--objective', '1', /expected a share between 0 and 1, got 1/],
  ['--burn', '6:5m:1h', /expected the second window to be shorter/],
  ['--trend-baseline', '12h', /expected more than the longest recent window, 1d; got 12h/],
  ['--for', 'SelfHealerNoSuch=5m', /there is no alert "SelfHealerNoSuch"/],
  ['--job-label', 'a-b', /expected a label name/],
  ['--burn', '6:1h:5m,3:1h:5m', /other windows for each factor, got 1h:5m more than once/],
  ['--stuck-critical', '1m', /expected more than stuck-warning/],
  ['--storm-factor', '288', /FailureStorm could never fire: a day has 288 times 5m/],
  [
    '--burn',
    '2:5m:1m',
    /^burn: could never fire with a window of 1m.+ must hold four of these, 2m$/,
  ],
  ['--trend-windows', '10s,1h', /^trend-windows: could never fire with a window of 10s/],
  ['--never-succeeds-window', '90s', /^never-succeeds-window: could never fire/],
  ['--trend-z', '0', /^trend-z: expected more than 0/],
  ['--precision-min', '1.5', /^precision-min: expected a share, got 1.5/],
  ['--time-scale', '0', /^time-scale 0: nothing could fire/],
  ['--time-scale', '0.0034', /^time-scale 0.0034: nothing could fire.+ at least 0.0134$/],
  ['--time-scale', '100000', /^time-scale 100000: expected at most 100/],
  ['--job-label', 'inf', /^job-label: expected a name, inf is a number in PromQL/],
  ['--instance-label', 'NaN', /^instance-label: expected a name, NaN is a number in PromQL/],
  ['--job-pattern', '\\y', /^job-pattern: .+ has something else/],
  ['--job-pattern', '(?<x>a)', /^job-pattern: .+ has something else/],
  ['--job-pattern', 'a{1001}', /^job-pattern: .+ repeats more than 1000 times/],
  ['--job-pattern', '(a{40}){40}', /^job-pattern: .+ repeats more than 1000 times/],
  ['--job-pattern', '[]a]', /^job-pattern: expected/],
  ['--job-pattern', 'a**', /^job-pattern: expected/],
  ['--job-pattern', '(a)\\1', /^job-pattern: expected/],
  ['--runbook-url', '{{', /^runbook-url: expected an address without {{/],
  ['--grafana-url', 'http://x/{{y', /^grafana-url: expected an address without {{/],
  ['--job-label', 'strategy', /^job-label: .+ have a label strategy already$/],
  ['--instance-label', 'source', /^instance-label: .+ have a label source already$/],
  ['--severity-label', 'alertname', /^severity-label: .+ have a label alertname already$/],
  ['--severity-label', 'long', /^severity-label: .+ have a label long already$/],
  ['--job-label', '__name__', /^job-label: expected a label name, got "__name__"$/],
  ['--severity-label', 'job', /expected three different names/],
  ['--job-pattern', '(', /^job-pattern: expected a regular expression/],
  ['--job-pattern', '(?!other).*', /^job-pattern: expected a regular expression/],
  ['--grafana-url', 'grafana', /^grafana-url: expected an address .+ got "grafana"$/],
])('%s %s is refused', (flag, value, reason) => {
  expect(rules({ [flag]: value })).toEqual([expect.stringMatching(reason)]);
});

test.each(RULE_FLAGS.filter(({ value }) => value !== 'TEXT').map(({ flag }) => flag))(
  '%s says what it expected of what is no value',
  (flag) => {
    expect(rules({ [flag]: 'soon' })).toEqual([
      expect.stringMatching(`^${flag}: expected .+ got "soon"$`),
    ]);
  },
);

test('label names, severities and addresses are taken over everywhere', () => {
  const text = rules({
    '--job-label': 'service',
    '--instance-label': 'replica',
    '--severity-label': 'level',
    '--grafana-url': 'https://g.example.com',
    '--runbook-url': 'https://r.example.com/r.md',
  });
  expect(text).not.toMatch(
    /by \((job|instance)|\$labels\.(job|instance)\b|\bseverity: |localhost|runbook_url: docs/,
  );
  expect(text).toContain('sum by (service, replica, strategy)');
  expect(text).toContain('level: critical');
});

test.each([
  ['--job-pattern', '(?i)healer-\\d+', 'up{job=~"(?i)healer-\\\\d+"} == 0'],
  [
    '--grafana-url',
    'https://g.example.com/grafana/',
    ': https://g.example.com/grafana/d/selfhealer',
  ],
  ['--storm-factor', '287', '> 287 * job_failure_type'],
  ['--job-pattern', '(?P<x>a)', 'up{job=~"(?P<x>a)"} == 0'],
  ['--job-pattern', '[a-z]+[^\\]x]?(?:b|c){2,5}', 'up{job=~"[a-z]+[^\\\\]x]?(?:b|c){2,5}"} == 0'],
  ['--time-scale', '0.0134', 'increase(instance_strategy:selfhealer_healing_attempts:sum[4020ms])'],
  ['--burn', '2:10m:2m', 'job:selfhealer_healing_failures:ratio_rate2m > 2 * 0.05'],
])('%s %s is taken as it is', (flag, value, text) => {
  expect(rules({ [flag]: value })).toContain(text);
});

test('time is scaled in ranges, ages and `for`, and names stay', () => {
  const text = rules({ '--time-scale': '0.1' });
  expect(text).toContain('job_strategy:selfhealer_healing_attempts:increase1h');
  expect(text).toContain('increase(instance_strategy:selfhealer_healing_attempts:sum[6m])');
  const { groups } = parse(String(text));
  const all = groups.flatMap((group: { rules: unknown[] }) => group.rules);
  const degrading = all.find(
    (rule: { alert?: string }) => rule.alert === 'SelfHealerStrategyDegrading',
  );
  expect(degrading.for).toBe('1m');
});

test('`for` can be chosen for one alert', () => {
  const { groups } = parse(String(rules({ '--for': 'SelfHealerDegraded=90s' })));
  const all = groups.flatMap((group: { rules: unknown[] }) => group.rules);
  expect(all.find((rule: { alert?: string }) => rule.alert === 'SelfHealerDegraded').for).toBe(
    '90s',
  );
});

test('nothing chosen is the default, and durations are read as they are written', () => {
  expect(readRuleOptions(new Map())).toEqual({ ok: true, options: DEFAULT_OPTIONS });
  for (const text of ['5m', '90s', '1h', '1d', '250ms']) {
    expect(formatDuration(parseDuration(text)!)).toBe(text);
  }
  expect(parseDuration('1h30m')).toBe(5_400_000);
  expect(parseDuration('')).toBeUndefined();
  expect(parseDuration('5')).toBeUndefined();
});

describeWith(['promtool'], 'what is not refused', ({ promtool }) => {
  test.each([
    ['--job-pattern', '(?i)(?P<x>a)|[^\\]\\w-]{3}\\.(?s:.)*?\\bq{2,}/\\/'],
    ['--time-scale', '100'],
    ['--job-label', 'by'],
    ['--severity-label', 'null'],
    ['--runbook-url', 'https://x/{y}}'],
  ])('%s %s is taken by promtool, too', (flag, value) => {
    const dir = mkdtempSync(join(tmpdir(), 'options-'));
    const path = join(dir, 'rules.yml');
    writeFileSync(path, String(rules({ [flag]: value })));
    expect(execFileSync(promtool, ['check', 'rules', path]).toString()).toContain('SUCCESS');
    rmSync(dir, { recursive: true });
  });
});
