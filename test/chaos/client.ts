import { Agent, request as httpRequest } from 'node:http';
import * as z from 'zod';

/** What came of one request. */
export type Reply =
  | { readonly kind: 'answer'; readonly structured: Readonly<Record<string, unknown>> }
  /** HTTP's own refusal, or no response. */
  | { readonly kind: 'lost'; readonly why: string };

export interface ChaosClient {
  readonly call: (tool: string, input: Record<string, unknown>, key?: string) => Promise<Reply>;
  readonly close: () => void;
}

const answerSchema = z.object({ result: z.object({ structuredContent: z.looseObject({}) }) });

/** One person's connection through the load balancer. */
export function connectClient(port: number, token: string | undefined): ChaosClient {
  const agent = new Agent({ keepAlive: true });
  let id = 0;
  return {
    call: async (name, input, key) => {
      id += 1;
      const meta = key === undefined ? {} : { 'dev.switchboard/idempotency-key': key };
      const params = { name, arguments: input, _meta: meta };
      const { status, text } = await post(agent, port, token, {
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params,
      });
      if (status !== 200) return { kind: 'lost', why: text === '' ? String(status) : `${status} ${text.slice(0, 60)}` };
      const { data } = answerSchema.safeParse(JSON.parse(text));
      if (data === undefined) throw new Error(`an answer of another form: ${text.slice(0, 500)}`);
      return { kind: 'answer', structured: data.result.structuredContent };
    },
    close: () => agent.destroy(),
  };
}

function post(
  agent: Agent,
  port: number,
  token: string | undefined,
  message: object,
): Promise<{ status: number; text: string }> {
  const body = Buffer.from(JSON.stringify(message));
  return new Promise((resolve) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/mcp',
      agent,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': body.length,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
    const fail = (error: Error): void =>
      resolve({ status: 0, text: 'code' in error ? String(error.code) : error.message });
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', fail);
    });
    outgoing.end(body);
  });
}
