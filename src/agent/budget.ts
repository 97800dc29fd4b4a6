import type { Usage } from './events.ts';
import type { TurnUsage } from './model.ts';

/** 0 means no limit, but for turns and tool calls, which are always limited. */
export interface BudgetLimits {
  readonly maxTurns: number;
  readonly maxToolCalls: number;
  readonly maxTokens: number;
  /** US dollars. */
  readonly maxCost: number;
}

export const defaultLimits: BudgetLimits = { maxTurns: 40, maxToolCalls: 120, maxTokens: 0, maxCost: 0 };

/** US dollars of one turn; undefined where the price is not known. */
export type Price = (usage: TurnUsage) => number | undefined;

export interface Budget {
  readonly usage: () => Usage;
  readonly addTurn: (usage: TurnUsage) => void;
  readonly addToolCall: () => void;
  /** Which limit is reached, in words; undefined while there is room for one more turn. */
  readonly exhausted: () => string | undefined;
  readonly toolCallsLeft: () => number;
}

export function createBudget(limits: BudgetLimits, price: Price): Budget {
  let usage: Usage = { turns: 0, toolCalls: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0, cost: 0 };
  return {
    usage: () => usage,
    addTurn: (turn) => {
      const cost = price(turn);
      usage = {
        turns: usage.turns + 1,
        toolCalls: usage.toolCalls,
        inputTokens: usage.inputTokens + turn.inputTokens + turn.cacheReadTokens + turn.cacheWriteTokens,
        cacheReadTokens: usage.cacheReadTokens + turn.cacheReadTokens,
        outputTokens: usage.outputTokens + turn.outputTokens,
        cost: cost === undefined || usage.cost === undefined ? undefined : usage.cost + cost,
      };
    },
    addToolCall: () => {
      usage = { ...usage, toolCalls: usage.toolCalls + 1 };
    },
    toolCallsLeft: () => limits.maxToolCalls - usage.toolCalls,
    exhausted: () => {
      if (usage.turns >= limits.maxTurns) return `${limits.maxTurns} model turns (budget.maxTurns)`;
      if (usage.toolCalls >= limits.maxToolCalls) return `${limits.maxToolCalls} tool calls (budget.maxToolCalls)`;
      const tokens = usage.inputTokens + usage.outputTokens;
      if (limits.maxTokens > 0 && tokens >= limits.maxTokens) return `${limits.maxTokens} tokens (budget.maxTokens)`;
      if (limits.maxCost > 0 && usage.cost !== undefined && usage.cost >= limits.maxCost) {
        return `$${limits.maxCost} (budget.maxCost)`;
      }
      return undefined;
    },
  };
}
