import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { StoredSecretError } from '../contract/secrets/store.ts';
import { isStored, readStored } from '../contract/secrets/stored-secret.ts';
import { ConfigurationError } from './errors.ts';

/** The variables of a process, or a substitute for them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads one setting. `NAME` wins over `NAME_FILE`; a value may be a reference: `env:OTHER`, `file:/path`,
 * `vault:mount/path#key` or `aws-sm:name#key`. An empty value counts as unset. A file's trailing newline is not part of the value.
 * @throws ConfigurationError naming the variable when what it refers to cannot be read: used literally, a reference
 * would be sent as a password.
 */
export async function readVariable(variables: Variables, name: string): Promise<string | undefined> {
  const direct = variables[name];
  if (direct !== undefined && direct !== '') return resolveReference(variables, name, direct);
  const path = variables[`${name}_FILE`];
  if (path === undefined || path === '') return undefined;
  return readSecretFile(`${name}_FILE`, path);
}

async function resolveReference(variables: Variables, name: string, value: string): Promise<string | undefined> {
  if (isStored(value)) {
    const [of] = /\{\w*\}/u.exec(value) ?? [];
    if (of !== undefined)
      throw new ConfigurationError(`${name}: ${of} stands for a caller, and here it is the same for all callers`);
    return readFromStore(variables, name, value);
  }
  if (value.startsWith('file:')) return readSecretFile(name, value.slice('file:'.length));
  if (!value.startsWith('env:')) return value;
  const other = value.slice('env:'.length);
  const target = variables[other];
  if (target === undefined || target === '')
    throw new ConfigurationError(`${name} refers to ${other}, which is not set`);
  return target;
}

async function readFromStore(variables: Variables, name: string, reference: string): Promise<string> {
  try {
    return await readStored(variables, reference);
  } catch (error) {
    if (!(error instanceof StoredSecretError)) throw error;
    throw new ConfigurationError(`${name}: ${error.message}`, { cause: error });
  }
}

async function readSecretFile(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigurationError(`${name} names the file ${path}, which cannot be read (${reason})`, { cause: error });
  }
}

/**
 * Reads every variable that the schema names and validates them together.
 * @throws ConfigurationError that names the first invalid variable and what is expected.
 */
export async function readVariables<Shape extends z.ZodRawShape>(
  variables: Variables,
  schema: z.ZodObject<Shape>,
): Promise<z.infer<z.ZodObject<Shape>>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = await readVariable(variables, name);
    if (value !== undefined) found[name] = value;
  }
  const parsed = schema.safeParse(found, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(parsed.error.issues.map(describeIssue).join('; '));
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return missing ? `${name} is not set` : `${name}: ${issue.message}`;
}

/** Parses "a, b,,c" as ["a", "b", "c"], for schemas of comma-separated variables. */
export const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** "1", "true", "yes", "on" and their opposites; anything else is rejected, never treated as false. */
export const flag = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'], 'must be 1, true, yes, on, 0, false, no or off'))
  .transform((word) => ['1', 'true', 'yes', 'on'].includes(word));

/** A whole number in a range, in decimal digits. */
export function integer(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}
