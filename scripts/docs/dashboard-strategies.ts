// grafana/dashboards/selfhealer-strategies.json, from grafana/strategies.ts.
import { strategies } from '../../grafana/strategies.js';

export const outputPath = 'grafana/dashboards/selfhealer-strategies.json';

export function render(): string {
  return `${JSON.stringify(strategies(), undefined, 2)}\n`;
}
