import { readFile, stat } from 'node:fs/promises';
import { ConfigurationError } from '../../kit/errors.ts';

/**
 * The section of a service file as libpq reads it. https://www.postgresql.org/docs/18/libpq-pgservice.html
 * @throws ConfigurationError if no file has the section.
 */
export async function readService(files: readonly string[], service: string): Promise<Record<string, string>> {
  for (const file of files) {
    const text = await readIfThere(file);
    const section = text === undefined ? undefined : findSection(text, service);
    if (section !== undefined) return section;
  }
  throw new ConfigurationError(`PGSERVICE names '${service}', which is in none of ${files.join(', ')}`);
}

function findSection(text: string, service: string): Record<string, string> | undefined {
  let found: Record<string, string> | undefined;
  let inside = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      inside = line === `[${service}]`;
      if (inside) found ??= {};
      continue;
    }
    const equals = line.indexOf('=');
    if (inside && found !== undefined && equals > 0)
      found[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return found;
}

export interface PasswordKey {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The first matching line of a password file. https://www.postgresql.org/docs/18/libpq-pgpass.html Like libpq, it does
 * not use a file that others can read, but it reports that instead of ignoring it.
 * @throws ConfigurationError if the file's permissions are too open.
 */
export async function lookUpPassword(file: string, key: PasswordKey): Promise<string | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new ConfigurationError(`${file} can be read by others; run: chmod 600 ${file}`);
  const wanted = [key.host.startsWith('/') ? 'localhost' : key.host, String(key.port), key.database, key.user];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line.replace(/\r$/, ''));
    if (fields.length === 5 && wanted.every((value, index) => fields[index] === '*' || fields[index] === value))
      return fields[4];
  }
  return undefined;
}

/** `host:port:database:user:password`, with `\:` and `\\` as escapes. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === ':' && fields.length < 5) fields.push('');
    else if (character === '\\' && index + 1 < line.length) fields.push(fields.pop() + line.charAt((index += 1)));
    else fields.push(fields.pop() + character);
  }
  return fields;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Node's permission model throws ERR_ACCESS_DENIED even for checking whether a file exists.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ERR_ACCESS_DENIED') return undefined;
    throw new ConfigurationError(`${file} cannot be read (${String(code)})`, { cause: error });
  }
}
