import type { Redactor } from '../../contract/redact.ts';
import { createLateRenewable, type Renewable } from '../../contract/secrets/renewable.ts';
import { isStored } from '../../contract/secrets/stored-secret.ts';
import { StoredSecretError } from '../../contract/secrets/store.ts';
import type { Caller } from './caller.ts';
import type { Variables } from '../environment.ts';
import { ConfigurationError, ToolError } from '../errors.ts';

/** What a variable may say instead of a value that all callers share: `vault:kv/users/{sub}#jira`, `{email}`. */
const placeholder = /\{(?:sub|email)\}/u;
const everyPlaceholder = /\{(sub|email)\}/gu;

/**
 * Characters that mean nothing in a path, a reference or an address. What a caller is called is put into references:
 * with a slash, a dot segment, `#` or `%2f` in it, another person's secret would be read.
 */
const harmlessName = /^[A-Za-z0-9](?:[A-Za-z0-9_@|+-]|\.(?!\.)){0,127}$/u;

/** Those of these variables whose value is each caller's own. */
export function personalAmong(variables: Variables, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const value = variables[name] ?? '';
    return placeholder.test(value) && (isStored(value) || /^\{\w+\}$/u.test(value));
  });
}

/**
 * The variables as they are for one caller.
 * @throws ToolError `forbidden` if the caller's verified token does not say who they are in a form that can be used.
 */
function variablesOf(variables: Variables, names: readonly string[], caller: Caller): Variables {
  const filled: Record<string, string | undefined> = { ...variables };
  for (const name of names)
    filled[name] = variables[name]?.replaceAll(everyPlaceholder, (_, claim: 'sub' | 'email') =>
      nameOf(caller, claim, name),
    );
  return filled;
}

function nameOf({ names }: Caller, claim: 'sub' | 'email', variable: string): string {
  const value = names[claim];
  if (value === undefined)
    throw new ToolError('forbidden', `Your access token has no ${claimsOf[claim]}, which ${variable} needs.`);
  if (!harmlessName.test(value))
    throw new ToolError(
      'forbidden',
      `The ${claim} of your access token has characters that ${variable} cannot use: only letters, digits and . _ @ | + - are accepted.`,
    );
  return value;
}

const claimsOf = { sub: 'sub', email: 'email that the issuer verified (email_verified)' } as const;

/** Accounts of callers, by references that depend on who they are. */
export interface PersonalAccounts<Account> {
  /** "Jira", for messages. */
  readonly system: string;
  readonly variables: Variables;
  /** The variables that depend on the caller. */
  readonly names: readonly string[];
  readonly read: (variables: Variables) => Promise<{ readonly account: Account; readonly secrets: readonly string[] }>;
  readonly isSame: (a: Account, b: Account) => boolean;
}

/**
 * The clients of callers, each with the caller's own account and caches. There is no fall-back to another account.
 * @param make gets the account, which is read on first use; that fails with a ToolError that says where it is expected.
 * @returns throws ToolError `forbidden` for a caller whose name cannot be put into a reference.
 */
export function createPersonal<Account, Client>(
  accounts: PersonalAccounts<Account>,
  redact: Redactor,
  make: (account: () => Promise<Renewable<Account>>) => Client,
): (caller: Caller) => Client {
  return createPerCaller((caller, drop) => {
    const own = variablesOf(accounts.variables, accounts.names, caller);
    let first: Account | undefined;
    return make(
      createLateRenewable(async () => {
        const { account, secrets } = await readPersonal(caller, own, accounts);
        redact.learn(secrets);
        if (first !== undefined && accounts.isSame(first, account)) return first;
        // What was cached for the account before may not be for the eyes of this one.
        if (first !== undefined) drop();
        first = account;
        return account;
      }),
    );
  });
}

async function readPersonal<Account>(
  { actor }: Caller,
  own: Variables,
  { system, names, read }: PersonalAccounts<Account>,
): ReturnType<PersonalAccounts<Account>['read']> {
  try {
    return await read(own);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const cause = { cause: error };
    if (error.cause instanceof StoredSecretError && error.cause.isAway)
      throw new ToolError('unreachable', `Your ${system} account cannot be read now: ${error.message}.`, {}, cause);
    const places = names.map((name) => own[name] ?? '').filter(isStored);
    throw new ToolError(
      'unauthorized',
      `${actor} has no ${system} account here that can be used: ${error.message}.`,
      {
        hint: `Store your own token at ${places.join(' and ')}, or ask whoever runs this server to do so. No other account is used instead.`,
      },
      cause,
    );
  }
}

const maxKept = 200;
/** A credential that was taken away is used no longer than this. */
const keptMs = 10 * 60_000;

/**
 * Keeps what belongs to a caller. The least recently used is dropped first.
 * @param make gets a function that drops what it made.
 */
function createPerCaller<Kept>(make: (caller: Caller, drop: () => void) => Kept): (caller: Caller) => Kept {
  const kept = new Map<string, { readonly value: Kept; readonly since: number }>();
  return (caller) => {
    const key = JSON.stringify([caller.id, caller.names]);
    const found = kept.get(key);
    kept.delete(key);
    const isFresh = found !== undefined && performance.now() - found.since < keptMs;
    const drop = (): void => {
      if (kept.get(key) === entry) kept.delete(key);
    };
    const entry = isFresh ? found : { value: make(caller, () => drop()), since: performance.now() };
    kept.set(key, entry);
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    return entry.value;
  };
}
