import * as z from 'zod';
import { readServerQuestion } from '../agent/server-form.ts';
import type { ForServer, Sampled, SampleRequest, ServerReply } from '../agent/server-question.ts';
import type { CallLimit } from './call-limit.ts';
import { RefusedRequestError, type ServerRequests } from './client/mcp-client.ts';
import type { ServerSpec } from './server-specs.ts';

interface OpenCall {
  readonly forServer: ForServer;
  readonly limit: CallLimit;
  readonly report: (message: string) => void;
}

const sampleSchema = z.object({
  systemPrompt: z.string().default(''),
  maxTokens: z.number().int().min(1),
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant']),
        content: z.union([
          z.object({ type: z.literal('text'), text: z.string() }).transform(({ text }) => text),
          z
            .array(z.object({ type: z.literal('text'), text: z.string() }))
            .transform((blocks) => blocks.map(({ text }) => text).join('\n')),
        ]),
      }),
    )
    .min(1),
  tools: z.array(z.unknown()).max(0).optional(),
});

const urlsNeeded = z.object({
  elicitations: z
    .array(z.looseObject({ url: z.string() }))
    .min(1)
    .max(5),
});

/** Error codes of JSON-RPC and MCP. */
const invalidParams = -32_602;
const rejectedByUser = -1;

/**
 * Handles requests from a server. They are allowed only during one of our calls, and go to the user of that call's run.
 * Unsolicited requests are declined. The call's time limits pause while the user answers.
 */
export class Asked implements ServerRequests {
  readonly #spec: ServerSpec;
  readonly #calls = new Set<OpenCall>();

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  /** @returns a function that unregisters the call. */
  begin(call: OpenCall): () => void {
    this.#calls.add(call);
    return () => this.#calls.delete(call);
  }

  readonly elicit = async (params: unknown, signal: AbortSignal): Promise<ServerReply> => {
    const ask = [...this.#calls].at(-1)?.forServer.ask;
    const question = readServerQuestion(this.#spec.title, params);
    if (ask === undefined || question === undefined) return { action: 'decline' };
    const calls = [...this.#calls];
    for (const { limit } of calls) limit.suspend();
    try {
      return await ask(question, AbortSignal.any([signal, ...calls.map(({ limit }) => limit.signal)]));
    } catch {
      return { action: 'cancel' };
    } finally {
      for (const { limit } of calls) limit.resume();
    }
  };

  /** @throws RefusedRequestError */
  readonly sample = async (params: unknown): Promise<Extract<Sampled, { kind: 'text' }>> => {
    const call = [...this.#calls].at(-1);
    if (call?.forServer.sample === undefined) throw new RefusedRequestError(rejectedByUser, 'Sampling is not allowed.');
    const read = sampleSchema.safeParse(params);
    if (!read.success) throw new RefusedRequestError(invalidParams, 'Only text can be sampled, without tools.');
    const { systemPrompt, messages, maxTokens } = read.data;
    const request: SampleRequest = {
      system: systemPrompt,
      maxTokens,
      messages: messages.map(({ role, content }) => ({ role, text: content })),
    };
    call.report(`${this.#spec.title} asks the model`);
    call.limit.suspend();
    try {
      const sampled = await call.forServer.sample(request);
      if (sampled.kind === 'text') return sampled;
      throw new RefusedRequestError(rejectedByUser, sampled.reason);
    } finally {
      call.limit.resume();
    }
  };

  /** The call is refused until the user has opened these pages. @returns whether they did. */
  async visit(data: unknown, signal: AbortSignal): Promise<boolean> {
    const needed = urlsNeeded.safeParse(data);
    if (!needed.success) return false;
    for (const elicitation of needed.data.elicitations) {
      const reply = await this.elicit({ ...elicitation, mode: 'url' }, signal);
      if (reply.action !== 'accept') return false;
    }
    return true;
  }
}
