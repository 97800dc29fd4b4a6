import { readFile } from 'node:fs/promises';
import { StoredSecretError } from '../../servers/contract/secrets/store.ts';
import { readStored } from '../../servers/contract/secrets/stored-secret.ts';
import { remoteVariables, systems } from '../../servers/contract/systems.ts';
import type { Variables } from '../settings.ts';
import { SettingsError } from './exit-codes.ts';

/**
 * A key or token, given in the same ways as the servers' secrets: in the variable, which may be a reference
 * (`env:OTHER`, `file:/path`, `vault:mount/path#key`, `aws-sm:name#key`), or in the file named by `<variable>_FILE`. Empty if neither is set.
 * @throws SettingsError naming the variable: a broken reference is never sent as the key itself
 */
export async function readSecret(variables: Variables, name: string): Promise<string> {
  const direct = variables[name]?.trim() ?? '';
  const file = variables[`${name}_FILE`] ?? '';
  if (direct !== '') return resolve(variables, name, direct);
  return file === '' ? '' : readKeyFile(`${name}_FILE`, file);
}

/**
 * The variables with the Anthropic API key or token resolved.
 * @param isReachable whether they say how to reach Claude.
 * @throws SettingsError
 */
export async function withKey(
  variables: Variables,
  isReachable: (variables: Variables) => boolean,
): Promise<Variables> {
  const secrets = {
    ANTHROPIC_API_KEY: await readSecret(variables, 'ANTHROPIC_API_KEY'),
    ANTHROPIC_AUTH_TOKEN: await readSecret(variables, 'ANTHROPIC_AUTH_TOKEN'),
  };
  const all = { ...variables, ...secrets };
  if (isReachable(all)) return all;
  throw new SettingsError(
    'ANTHROPIC_API_KEY is not set: the agent needs an Anthropic API key (or ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY_COMMAND, SWITCHBOARD_PLATFORM)',
  );
}

/**
 * The variables with the secrets resolved that sign in to our servers elsewhere.
 * @throws SettingsError
 */
export async function withRemoteSecrets(variables: Variables): Promise<Variables> {
  const names = systems.flatMap(({ id }) => [remoteVariables(id).token, remoteVariables(id).clientSecret]);
  const read = await Promise.all(names.map(async (name) => [name, await readSecret(variables, name)] as const));
  return { ...variables, ...Object.fromEntries(read) };
}

async function resolve(variables: Variables, name: string, value: string): Promise<string> {
  const [, kind, rest = ''] = /^(env|file|vault|aws-sm):(.*)$/s.exec(value) ?? [];
  if (kind === undefined) return value;
  if (kind === 'file') return readKeyFile(name, rest);
  if (kind !== 'env') return readKeyStore(variables, name, value);
  const other = variables[rest]?.trim() ?? '';
  if (other === '') throw new SettingsError(`${name} refers to ${rest}, which is not set`);
  return other;
}

async function readKeyStore(variables: Variables, name: string, reference: string): Promise<string> {
  try {
    return await readStored(variables, reference);
  } catch (error) {
    if (!(error instanceof StoredSecretError)) throw error;
    throw new SettingsError(`${name}: ${error.message}`, { cause: error });
  }
}

async function readKeyFile(variable: string, path: string): Promise<string> {
  let key: string;
  try {
    key = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SettingsError(`${variable} names the file ${path}, which cannot be read (${reason})`, { cause: error });
  }
  if (key === '') throw new SettingsError(`${variable} names the file ${path}, which is empty`);
  return key;
}
