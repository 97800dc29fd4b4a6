import type { Usage } from './events.ts';
import type { TurnUsage } from './model/model.ts';

/** 0 means no limit, but for turns and tool calls, which are always limited. */
export interface BudgetLimits {
  readonly maxTurns: number;
  readonly maxToolCalls: number;
  readonly maxTokens: number;
  /** US dollars. */
  readonly maxCost: number;
  /** Read from all systems together. */
  readonly maxRows?: number | undefined;
  /** That the database was at work for this run. */
  readonly maxDatabaseSeconds?: number | undefined;
  /** Of all runs of the session together. */
  readonly maxSessionTokens?: number | undefined;
  /** US dollars, of all runs of the session together. */
  readonly maxSessionCost?: number | undefined;
}

/** What the earlier runs of a session used. */
export interface Spent {
  /** Input and output together. */
  readonly tokens: number;
  /** US dollars, of the runs whose price is known. */
  readonly cost: number;
}

export const nothingSpent: Spent = { tokens: 0, cost: 0 };

export function addSpent(spent: Spent, { inputTokens, outputTokens, cost = 0 }: Usage): Spent {
  return { tokens: spent.tokens + inputTokens + outputTokens, cost: spent.cost + cost };
}

export const defaultLimits: BudgetLimits = { maxTurns: 40, maxToolCalls: 120, maxTokens: 0, maxCost: 0 };

/** US dollars of one turn; undefined where the price is not known. */
export type Price = (usage: TurnUsage) => number | undefined;

export interface Budget {
  readonly usage: () => Usage;
  readonly addTurn: (usage: TurnUsage) => void;
  readonly addToolCall: () => void;
  /** Which limit of dollars cannot be held, because the price of the model is not known, in words. */
  readonly unheld: () => string | undefined;
  /** Which limit is reached, in words; undefined while there is room for one more turn. */
  readonly exhausted: () => string | undefined;
  readonly toolCallsLeft: () => number;
  /** Of a result: its rows, and how long the database worked on it. */
  readonly addRead: (rows: number, databaseSeconds: number) => void;
  /** Why nothing more may be read, in words: the model can still answer from what it has. */
  readonly readsExhausted: () => string | undefined;
}

/** The stricter of two for each limit; 0 means none. Limits of the session are those of the first. */
export function stricter(limits: BudgetLimits, other: Partial<BudgetLimits>): BudgetLimits {
  const least = (a = 0, b = 0): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));
  return {
    ...limits,
    maxTurns: least(limits.maxTurns, other.maxTurns),
    maxToolCalls: least(limits.maxToolCalls, other.maxToolCalls),
    maxTokens: least(limits.maxTokens, other.maxTokens),
    maxCost: least(limits.maxCost, other.maxCost),
    maxRows: least(limits.maxRows, other.maxRows),
    maxDatabaseSeconds: least(limits.maxDatabaseSeconds, other.maxDatabaseSeconds),
  };
}

/** @param earlier what the session used before this run. */
export function createBudget(limits: BudgetLimits, price: Price, earlier: Spent = nothingSpent): Budget {
  let usage: Usage = { turns: 0, toolCalls: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0, cost: 0 };
  let rows = 0;
  let databaseSeconds = 0;
  const { maxRows = 0, maxDatabaseSeconds = 0, maxSessionTokens = 0, maxSessionCost = 0 } = limits;
  return {
    addRead: (addedRows, addedSeconds) => {
      rows += addedRows;
      databaseSeconds += addedSeconds;
    },
    readsExhausted: () => {
      if (maxRows > 0 && rows >= maxRows)
        return `${maxRows} rows (budget.maxRows, or rows in the budget of the runbook)`;
      const worked = maxDatabaseSeconds > 0 && databaseSeconds >= maxDatabaseSeconds;
      return worked
        ? `${maxDatabaseSeconds} s of the database (budget.maxDatabaseSeconds, or database_seconds in the budget of the runbook)`
        : undefined;
    },
    usage: () => usage,
    unheld: () => {
      if (price({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }) !== undefined)
        return undefined;
      if (limits.maxCost > 0) return `$${limits.maxCost} (budget.maxCost)`;
      return maxSessionCost > 0 ? `$${maxSessionCost} in one session (budget.maxSessionCost)` : undefined;
    },
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
      const session = addSpent(earlier, usage);
      if (maxSessionTokens > 0 && session.tokens >= maxSessionTokens)
        return `${maxSessionTokens} tokens in one session (budget.maxSessionTokens)`;
      if (maxSessionCost > 0 && session.cost >= maxSessionCost)
        return `$${maxSessionCost} in one session (budget.maxSessionCost)`;
      return undefined;
    },
  };
}
