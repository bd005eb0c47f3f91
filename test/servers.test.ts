// The real servers that scripts/servers.sh brings can be started on this machine.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWith } from './support/servers.js';

describeWith(['prometheus', 'promtool', 'alertmanager', 'amtool'], 'the test servers', (path) => {
  test.each(['prometheus', 'promtool', 'alertmanager', 'amtool'] as const)('%s runs', (tool) => {
    const output = execFileSync(path[tool], ['--version'], { encoding: 'utf8' });
    expect(output).toMatch(/version \d/);
  });
});
