/** What the best strategy is asked for, checked: over HTTP and in process alike. */
import { describeValue } from '../core/decode/describe.js';
import { identifierFault, isIdentifier } from '../core/decode/identifier.js';
import { SEVERITIES } from '../core/event.js';
import {
  bestStrategyAlike,
  bestStrategyFor,
  invalidRequest,
  type BestAnswer,
  type HealingContext,
} from './answers.js';
import type { Live } from './engine.js';

export interface BestQuestion {
  readonly failureType: string;
  readonly context: HealingContext;
}

const ATTEMPT_MAX = 999_999_999;

type WithoutAgent = Omit<HealingContext, 'agentId'> & { readonly agentId?: undefined };

export interface AskBest {
  (failureType: string, context?: WithoutAgent): BestAnswer;
  (failureType: string, context: HealingContext): BestAnswer | Promise<BestAnswer>;
}

/** Asks in process. What it returns throws ExporterError INVALID_REQUEST. */
export function answerBest(live: () => Live): AskBest {
  function ask(failureType: string, context?: WithoutAgent): BestAnswer;
  function ask(failureType: string, context: HealingContext): BestAnswer | Promise<BestAnswer>;
  function ask(
    failureType: string,
    context: HealingContext = {},
  ): BestAnswer | Promise<BestAnswer> {
    const fault = bestQuestionFault(failureType, context);
    if (fault !== undefined) invalidRequest(fault);
    if (context.agentId !== undefined) return bestStrategyFor(live(), failureType, context);
    return bestStrategyAlike(live().state, failureType, context);
  }
  return ask;
}

/** From a query string; the message when it is not well-formed. */
export function readBestQuestion(values: ReadonlyMap<string, string>): BestQuestion | string {
  const attempt = values.get('attempt');
  if (attempt !== undefined && !/^[1-9]\d{0,8}$/.test(attempt)) {
    return `attempt: expected a whole number from 1, got ${describeValue(attempt)}`;
  }
  const failureType = values.get('failure_type');
  if (failureType === undefined) {
    return 'failure_type: expected a failure type such as agent_down, got nothing';
  }
  const context = {
    agentId: values.get('agent_id'),
    severity: values.get('severity'),
    attempt: attempt === undefined ? undefined : Number(attempt),
  };
  return bestQuestionFault(failureType, context) ?? { failureType, context };
}

/** Undefined when all is well. In the names of the wire. */
function bestQuestionFault(
  failureType: string,
  { agentId, severity, attempt }: HealingContext,
): string | undefined {
  if (!isIdentifier(failureType)) return `failure_type: ${identifierFault(failureType)}`;
  if (agentId !== undefined && !isIdentifier(agentId)) {
    return `agent_id: ${identifierFault(agentId)}`;
  }
  if (severity !== undefined && !SEVERITIES.some((word) => word === severity)) {
    return `severity: expected one of ${SEVERITIES.join(', ')}, got ${describeValue(severity)}`;
  }
  const isNumber =
    attempt === undefined || (Number.isInteger(attempt) && attempt >= 1 && attempt <= ATTEMPT_MAX);
  if (isNumber) return undefined;
  return `attempt: expected a whole number from 1, got ${describeValue(attempt)}`;
}
