import { settingsSchema, type Settings } from '../settings.ts';

/** The budget names used in runbooks, and two for the session. */
const names = {
  turns: 'budget.maxTurns',
  tool_calls: 'budget.maxToolCalls',
  tokens: 'budget.maxTokens',
  dollars: 'budget.maxCost',
  rows: 'budget.maxRows',
  database_seconds: 'budget.maxDatabaseSeconds',
  session_tokens: 'budget.maxSessionTokens',
  session_dollars: 'budget.maxSessionCost',
} as const satisfies Readonly<Record<string, keyof Settings>>;

const byName: ReadonlyMap<string, (typeof names)[keyof typeof names]> = new Map(Object.entries(names));

/**
 * `["turns=10", "dollars=0.5"]` as settings.
 * @param from `--budget` or the variable, for messages.
 * @param problem creates the error for a wrong name or value.
 */
export function parseBudget(
  pairs: readonly string[],
  from: string,
  problem: (message: string) => Error,
): Readonly<Record<string, number>> {
  const limits = new Map<string, number>();
  for (const pair of pairs) {
    const [name = '', ...rest] = pair.split('=');
    const setting = byName.get(name.trim());
    const known = [...byName.keys()].join(', ');
    if (setting === undefined) throw problem(`${from} ${pair}: write it as name=number; valid names are ${known}`);
    if (limits.has(setting)) throw problem(`${from}: ${name} is given twice`);
    const text = rest.join('=').trim();
    const value = settingsSchema.shape[setting].safeParse(Number(text));
    if (!/^\d+(?:\.\d+)?$/.test(text) || !value.success)
      throw problem(`${from} ${pair}: ${wanted(setting)}, not '${text}'`);
    limits.set(setting, value.data);
  }
  return Object.fromEntries(limits);
}

function wanted(setting: (typeof names)[keyof typeof names]): string {
  switch (setting) {
    case 'budget.maxTurns':
      return 'must be a whole number from 1 to 500';
    case 'budget.maxToolCalls':
      return 'must be a whole number from 1 to 2000';
    case 'budget.maxCost':
    case 'budget.maxSessionCost':
    case 'budget.maxDatabaseSeconds':
      return 'must be a number, 0 for no limit';
    case 'budget.maxTokens':
    case 'budget.maxSessionTokens':
    case 'budget.maxRows':
      return 'must be a whole number, 0 for no limit';
  }
}
