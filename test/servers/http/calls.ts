import * as z from 'zod';
import { message, send } from './harness.ts';

const answerSchema = z.object({
  result: z.object({ structuredContent: z.looseObject({}), isError: z.boolean().optional() }),
});

export interface Called {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where HTTP refused the request. */
  readonly structured: Readonly<Record<string, unknown>>;
}

/** One call of a tool by whoever has the token. */
export async function callTool(
  port: number,
  name: string,
  input: Record<string, unknown>,
  { token, meta = {} }: { readonly token?: string; readonly meta?: Record<string, unknown> } = {},
): Promise<Called> {
  const { status, headers, text } = await send(port, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: message('tools/call', { name, arguments: input, _meta: meta }),
  });
  if (status !== 200) return { status, headers, structured: {} };
  return { status, headers, structured: answerSchema.parse(JSON.parse(text)).result.structuredContent };
}
