import * as z from 'zod';

/** Scopes of a server: `jira:read`, `jira:write`. */
export interface ServerScopes {
  readonly read: string;
  readonly write: string;
}

export function scopesOf(server: string): ServerScopes {
  return { read: `${server}:read`, write: `${server}:write` };
}

const callSchema = z.object({ method: z.literal('tools/call'), params: z.looseObject({ name: z.string() }) });

/**
 * The scope a message needs. Previews also need the write scope, so that its absence is noticed before approval.
 * @param reads names of the tools that only read; any other call counts as a write.
 */
export function requiredScopes(message: unknown, scopes: ServerScopes, reads: ReadonlySet<string>): readonly string[] {
  const call = callSchema.safeParse(message);
  if (!call.success || reads.has(call.data.params.name)) return [scopes.read];
  return [scopes.read, scopes.write];
}

/** The name of the tool that a message calls, for the audit log. */
export function calledTool(message: unknown): string | undefined {
  return callSchema.safeParse(message).data?.params.name;
}
