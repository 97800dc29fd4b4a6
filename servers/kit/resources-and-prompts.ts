import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { toErrorData, ToolError } from './errors.ts';
import type { Redact } from '../contract/redact.ts';

/** What a server may offer besides tools. All of it is read-only, and each part is announced only if present. */
export interface Offers<Connection> {
  readonly resources?: ResourceOffer<Connection>;
  readonly prompts?: readonly PromptOffer<Connection>[];
  /** Values that start with `value`, best first. `given` contains the arguments chosen so far. */
  readonly complete?: (
    ask: { readonly argument: string; readonly value: string; readonly given: Readonly<Record<string, string>> },
    io: OfferIo<Connection>,
  ) => Promise<{ readonly values: readonly string[]; readonly total: number }>;
}

export interface OfferIo<Connection> {
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

export interface ResourcePage {
  readonly resources: readonly { readonly uri: string; readonly name: string; readonly description?: string }[];
  readonly nextCursor?: string;
}

export interface ResourceOffer<Connection> {
  readonly template: { readonly uriTemplate: string; readonly name: string; readonly description: string };
  /** @param cursor `nextCursor` of the previous page; undefined for the first. @throws ToolError for any other. */
  readonly list: (cursor: string | undefined, io: OfferIo<Connection>) => Promise<ResourcePage>;
  /** @throws ToolError for an unknown URI. */
  readonly read: (
    uri: string,
    io: OfferIo<Connection>,
  ) => Promise<{ readonly mimeType: string; readonly text: string }>;
}

export interface PromptOffer<Connection> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
  /** The message to send as the user's. @throws ToolError */
  readonly write: (values: Readonly<Record<string, string>>, io: OfferIo<Connection>) => Promise<string>;
}

/** The specification's limit for values in a completion. */
const maxCompletions = 100;

export function offerCapabilities<Connection>(offers: Offers<Connection>): Record<string, object> {
  return {
    ...(offers.resources !== undefined && { resources: {} }),
    ...(offers.prompts !== undefined && { prompts: {} }),
    ...(offers.complete !== undefined && { completions: {} }),
  };
}

/** Handles what `offerCapabilities` announced. Failures become protocol errors with our messages. */
export function handleOffers<Connection>(
  server: Server,
  offers: Offers<Connection>,
  connection: Connection,
  redact: Redact,
): void {
  const answer = async <Result>(
    signal: AbortSignal,
    work: (io: OfferIo<Connection>) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await work({ connection, signal });
    } catch (error) {
      const { code, message, hint } = toErrorData(error, signal);
      const wrong = code === 'not_found' || code === 'invalid_arguments';
      throw new McpError(
        wrong ? ErrorCode.InvalidParams : ErrorCode.InternalError,
        redact(hint === undefined ? message : `${message} ${hint}`),
        { code },
      );
    }
  };
  const { resources, prompts, complete } = offers;
  if (resources !== undefined) handleResources(server, resources, redact, answer);
  if (prompts !== undefined) handlePrompts(server, prompts, redact, answer);
  if (complete !== undefined)
    server.setRequestHandler(CompleteRequestSchema, ({ params }, { signal }) =>
      answer(signal, async (io) => {
        const given = params.context?.arguments ?? {};
        const { values, total } = await complete(
          { argument: params.argument.name, value: params.argument.value, given },
          io,
        );
        const shown = values.slice(0, maxCompletions);
        return { completion: { values: shown, total, hasMore: total > shown.length } };
      }),
    );
}

type Answer<Connection> = <Result>(
  signal: AbortSignal,
  work: (io: OfferIo<Connection>) => Promise<Result>,
) => Promise<Result>;

function handleResources<Connection>(
  server: Server,
  offer: ResourceOffer<Connection>,
  redact: Redact,
  answer: Answer<Connection>,
): void {
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ ...offer.template, mimeType: 'text/plain' }],
  }));
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }, { signal }) =>
    answer(signal, async (io) => {
      const { resources, nextCursor } = await offer.list(params?.cursor, io);
      return { resources: [...resources], ...(nextCursor !== undefined && { nextCursor }) };
    }),
  );
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, { signal }) =>
    answer(signal, async (io) => {
      const { mimeType, text } = await offer.read(uri, io);
      return { contents: [{ uri, mimeType, text: redact(text) }] };
    }),
  );
}

function handlePrompts<Connection>(
  server: Server,
  prompts: readonly PromptOffer<Connection>[],
  redact: Redact,
  answer: Answer<Connection>,
): void {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ name, title, description, arguments: inputs }) => ({
      name,
      title,
      description,
      arguments: [...inputs],
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, { signal }) =>
    answer(signal, async (io) => {
      const prompt = prompts.find(({ name }) => name === params.name);
      const values = params.arguments ?? {};
      if (prompt === undefined) throw new ToolError('not_found', `There is no prompt '${params.name}'.`);
      const missing = prompt.arguments.find((argument) => argument.required && (values[argument.name] ?? '') === '');
      if (missing !== undefined) throw new ToolError('invalid_arguments', `'${missing.name}' is required.`);
      const text = redact(await prompt.write(values, io));
      return {
        description: prompt.description,
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
      };
    }),
  );
}
