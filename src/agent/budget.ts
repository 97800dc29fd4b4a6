import type { Usage } from './events.ts';
import type { TurnUsage } from './model/model.ts';

/** 0 means no limit, except for turns and tool calls, which are always limited. */
export interface BudgetLimits {
  readonly maxTurns: number;
  readonly maxToolCalls: number;
  readonly maxTokens: number;
  /** US dollars. */
  readonly maxCost: number;
  /** Rows read from all systems together. */
  readonly maxRows?: number | undefined;
  /** Seconds the database may work for this run. */
  readonly maxDatabaseSeconds?: number | undefined;
  /** Limit for all runs of the session together. */
  readonly maxSessionTokens?: number | undefined;
  /** US dollars, for all runs of the session together. */
  readonly maxSessionCost?: number | undefined;
}

/** What the earlier runs of a session used. */
export interface Spent {
  /** Input and output together. */
  readonly tokens: number;
  /** US dollars, for the runs whose price is known. */
  readonly cost: number;
}

export const nothingSpent: Spent = { tokens: 0, cost: 0 };

export function addSpent(spent: Spent, { inputTokens, outputTokens, cost = 0 }: Usage): Spent {
  return { tokens: spent.tokens + inputTokens + outputTokens, cost: spent.cost + cost };
}

export const defaultLimits: BudgetLimits = { maxTurns: 40, maxToolCalls: 120, maxTokens: 0, maxCost: 0 };

/** US dollars for one turn; undefined if the price is unknown. */
export type Price = (usage: TurnUsage) => number | undefined;

export interface Budget {
  readonly usage: () => Usage;
  readonly addTurn: (usage: TurnUsage) => void;
  readonly addToolCall: () => void;
  /** The dollar limit that cannot be enforced because the model's price is unknown, in words. */
  readonly unenforceable: () => string | undefined;
  /** The limit that has been reached, in words; undefined while another turn is allowed. */
  readonly exhausted: () => string | undefined;
  readonly toolCallsLeft: () => number;
  /** Counts a result's rows and the time the database spent on it. */
  readonly addRead: (rows: number, databaseSeconds: number) => void;
  /** Why nothing more may be read, in words. The model can still answer from what it has. */
  readonly readsExhausted: () => string | undefined;
}

/** The stricter of two values for each limit; 0 means none. Session limits come from the first. */
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
      if (maxRows > 0 && rows >= maxRows) return `${maxRows} rows (budget.maxRows, or rows in the runbook's budget)`;
      const worked = maxDatabaseSeconds > 0 && databaseSeconds >= maxDatabaseSeconds;
      return worked
        ? `${maxDatabaseSeconds} s of database time (budget.maxDatabaseSeconds, or database_seconds in the runbook's budget)`
        : undefined;
    },
    usage: () => usage,
    unenforceable: () => {
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
