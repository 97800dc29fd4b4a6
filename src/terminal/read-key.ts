import { readFile } from 'node:fs/promises';
import type { Variables } from '../settings.ts';
import { SettingsError } from './exit-codes.ts';

const name = 'ANTHROPIC_API_KEY';

/**
 * The key of the Anthropic API, given in the ways that the servers know for their secrets: `ANTHROPIC_API_KEY`, which may
 * be a reference (`env:OTHER`, `file:/path`), else the file that `ANTHROPIC_API_KEY_FILE` names.
 * @throws SettingsError naming the variable: a reference that leads nowhere is never sent as the key itself
 */
export async function readKey(variables: Variables): Promise<string> {
  const direct = variables[name]?.trim() ?? '';
  const file = variables[`${name}_FILE`] ?? '';
  if (direct === '' && file === '')
    throw new SettingsError(`${name} is not set: the agent needs a key of the Anthropic API`);
  return direct === '' ? readKeyFile(`${name}_FILE`, file) : resolve(variables, direct);
}

async function resolve(variables: Variables, value: string): Promise<string> {
  const [, kind, rest = ''] = /^(env|file|vault|aws-sm):(.*)$/s.exec(value) ?? [];
  if (kind === undefined) return value;
  if (kind === 'file') return readKeyFile(name, rest);
  if (kind !== 'env') {
    throw new SettingsError(
      `${name} is a reference ${kind}:, which is not read here; use file: or env:, or name a file in ${name}_FILE`,
    );
  }
  const other = variables[rest]?.trim() ?? '';
  if (other === '') throw new SettingsError(`${name} refers to ${rest}, which is not set`);
  return other;
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
