import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { systems } from '../../contract/systems.ts';
import type { Places } from '../caller/caller.ts';
import { ConfigurationError } from '../errors.ts';

/** '*': everything that the server's own settings allow. */
const list = z.union([z.literal('*'), z.array(z.string().min(1))]);

const policySchema = z.strictObject({
  groups: z.record(
    z.string().min(1),
    z.strictObject({
      projects: list.optional(),
      channels: list.optional(),
      databases: list.optional(),
      servers: z.partialRecord(z.enum(systems.map(({ id }) => id)), list).optional(),
    }),
  ),
});

type List = z.infer<typeof list>;
type Grant = z.infer<typeof policySchema>['groups'][string];

/** What members of these groups may use. Callers in none of the file's groups may use nothing. */
export type Policy = (groups: readonly string[]) => Places;

/** @throws ConfigurationError */
export async function readPolicy(path: string): Promise<Policy> {
  let parsed: unknown;
  try {
    parsed = parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConfigurationError(
      `SWITCHBOARD_HTTP_POLICY_FILE names ${path}, which cannot be read: ${firstLine(error)}`,
    );
  }
  const checked = policySchema.safeParse(parsed);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new ConfigurationError(
      `SWITCHBOARD_HTTP_POLICY_FILE: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const granted = new Map(Object.entries(checked.data.groups));
  return (groups) => {
    const own = groups.flatMap((group) => granted.get(group) ?? []);
    const join = (listOf: (grant: Grant) => List | undefined): 'all' | readonly string[] => {
      const lists = own.map((grant) => listOf(grant) ?? []);
      return lists.includes('*') ? 'all' : [...new Set(lists.flat())].toSorted();
    };
    return {
      projects: join(({ projects }) => projects),
      channels: join(({ channels }) => channels),
      databases: join(({ databases }) => databases),
      servers: Object.fromEntries(systems.map(({ id }) => [id, join(({ servers }) => servers?.[id])])),
    };
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
