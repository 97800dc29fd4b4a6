import * as z from 'zod';
import { baseEnvironment, ownServers, type ServerSpec, type Variables } from './server-specs.ts';

/** A file of servers is not as it must be; the message names file and field. */
export class McpConfigError extends Error {
  override readonly name = 'McpConfigError';
}

const serverSchema = z.strictObject({
  type: z.literal('stdio', 'must be "stdio"').optional(),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().min(1).optional(),
});

const fileSchema = z.strictObject({ mcpServers: z.record(z.string(), z.unknown()) });

const idPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_)){0,31}$/;
const takenIds: readonly string[] = [...ownServers, 'host', 'workspace'];

/**
 * Third-party servers from a file in the `.mcp.json` shape. `${NAME}` and `${NAME:-default}` in command, args, env and
 * cwd stand for the host's variables. What a server is given of them is what `env` names, and the base environment.
 * @param file only for messages.
 * @throws McpConfigError at the first thing that is wrong.
 */
export function parseMcpConfig(text: string, file: string, variables: Variables): readonly ServerSpec[] {
  const { mcpServers } = check(fileSchema, parseJson(text, file), file, '');
  return Object.entries(mcpServers).map(([id, value]) => {
    const field = `mcpServers.${id}`;
    if (!idPattern.test(id) || id.endsWith('_')) {
      throw new McpConfigError(
        `${file}: ${field}: a server's name has 1 to 32 of A-Z a-z 0-9 - and single _, beginning and ending with a letter or digit or -`,
      );
    }
    if (takenIds.includes(id)) throw new McpConfigError(`${file}: ${field}: the name '${id}' is taken`);
    if (typeof value === 'object' && value !== null && 'url' in value) {
      throw new McpConfigError(
        `${file}: ${field}.url: a server is reached through a command that is started here; for one on the network that is a bridge: "command": "npx", "args": ["-y", "mcp-remote", "<url>"]`,
      );
    }
    const server = check(serverSchema, value, file, field);
    const expand = (value: string, name: string): string =>
      expandVariables(value, variables, `${file}: ${field}.${name}`);
    return {
      id,
      title: id,
      command: expand(server.command, 'command'),
      args: server.args.map((argument, index) => expand(argument, `args[${index}]`)),
      env: {
        ...baseEnvironment(variables),
        ...Object.fromEntries(Object.entries(server.env).map(([name, value]) => [name, expand(value, `env.${name}`)])),
      },
      ...(server.cwd !== undefined && { cwd: expand(server.cwd, 'cwd') }),
      trusted: false,
    };
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new McpConfigError(`${file}: not valid JSON: ${reason}`, { cause: error });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string, field: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [field, ...(issue?.path.map(String) ?? [])].filter((part) => part !== '').join('.');
  throw new McpConfigError(`${file}: ${path === '' ? '' : `${path}: `}${describeIssue(issue)}`);
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
  if (issue?.code === 'invalid_type' && issue.input === undefined) return `is required (${issue.expected})`;
  return issue?.message ?? 'is not valid';
}

function expandVariables(text: string, variables: Variables, where: string): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, fallback?: string) => {
    const value = variables[name] ?? fallback;
    if (value === undefined) throw new McpConfigError(`${where}: the variable ${name} is not set`);
    return value;
  });
}
