/** The rules: from what was said to what it means. They know the incidents, predictions and levels, and count nothing. */
import type { LoggedEvent } from '../event.js';
import type { Fact } from '../facts.js';
import { Incidents } from './incidents.js';
import { Levels } from './levels.js';
import { Predictions } from './predictions.js';

export class Rules {
  readonly incidents: Incidents;
  readonly predictions = new Predictions();
  readonly levels = new Levels();

  constructor(seed: number) {
    this.incidents = new Incidents(seed);
  }

  /** Takes the next event of the log, and adds its facts in the order in which they are to be folded. */
  interpret({ event, input, seq }: LoggedEvent, facts: Fact[]): void {
    const { source, timeMs, type } = event;
    const before = facts.length;
    this.incidents.advance(timeMs, facts);
    switch (type) {
      case 'selfhealer.failure.detected':
        this.incidents.detected(event, seq, facts);
        if (isFailureAmong(facts, before)) this.predictions.failed(event, facts);
        break;
      case 'selfhealer.healing.started':
        this.incidents.started(event, facts);
        break;
      case 'selfhealer.healing.completed':
        this.incidents.completed(event, seq, facts);
        if (event.trigger === 'preventive') this.#acted(facts, before);
        break;
      case 'selfhealer.failure.resolved':
        this.incidents.resolved(event, seq, facts);
        break;
      case 'selfhealer.strategy.registered': {
        const { strategy, failureTypes } = event;
        facts.push({ kind: 'strategy_registered', source, timeMs, strategy, failureTypes });
        break;
      }
      case 'selfhealer.failure.predicted':
        this.predictions.predicted(event, seq, facts);
        break;
      case 'selfhealer.prediction.resolved':
        this.predictions.resolved(event, input, facts);
        break;
      case 'selfhealer.circuit.changed':
        this.levels.circuitChanged(event, facts);
        break;
      case 'selfhealer.degradation.changed':
        this.levels.degradationChanged(event, facts);
        break;
      case 'selfhealer.heartbeat':
        break;
    }
  }

  /** What was done because of a prediction counts for it; which failure it was against only the facts say. */
  #acted(facts: readonly Fact[], first: number): void {
    for (let i = first; i < facts.length; i += 1) {
      const fact = facts[i];
      if (fact?.kind === 'attempt_ended') this.predictions.acted(fact);
    }
  }
}

/** Whether any of the facts from `first` on says that an incident opened. */
function isFailureAmong(facts: readonly Fact[], first: number): boolean {
  for (let i = first; i < facts.length; i += 1) {
    if (facts[i]?.kind === 'incident_opened') return true;
  }
  return false;
}
