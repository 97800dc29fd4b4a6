import * as z from 'zod';
import { toErrorData, ToolError } from './errors.ts';
import type { Redact } from '../contract/redact.ts';
import { internalError, invalidParams, ProtocolFault, readParams, type Answer, type Handler } from './requests.ts';

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

const listParams = z.looseObject({ cursor: z.string().optional() });
const readResourceParams = z.looseObject({ uri: z.string() });
const values = z.record(z.string(), z.string());
const promptParams = z.looseObject({ name: z.string(), arguments: values.optional() });
const completeParams = z.looseObject({
  argument: z.object({ name: z.string(), value: z.string() }),
  context: z.looseObject({ arguments: values.optional() }).optional(),
});

/** Handles what `offerCapabilities` announced. Failures become protocol errors with our messages. */
export function offerHandlers<Connection>(
  { resources, prompts, complete }: Offers<Connection>,
  redact: Redact,
): readonly (readonly [string, Handler<Connection>])[] {
  const answering =
    (work: (params: unknown, io: OfferIo<Connection>) => Promise<Answer>): Handler<Connection> =>
    async (params, { connection, signal }) => {
      try {
        return await work(params, { connection, signal });
      } catch (error) {
        if (error instanceof ProtocolFault) throw error;
        const { code, message, hint } = toErrorData(error, signal);
        const wrong = code === 'not_found' || code === 'invalid_arguments';
        throw new ProtocolFault(
          wrong ? invalidParams : internalError,
          redact(hint === undefined ? message : `${message} ${hint}`),
          { code, ...named(params, redact) },
        );
      }
    };
  const pairs: Work<Connection>[] = [];
  if (resources !== undefined) pairs.push(...resourceHandlers(resources, redact));
  if (prompts !== undefined) pairs.push(...promptHandlers(prompts, redact));
  if (complete !== undefined)
    pairs.push([
      'completion/complete',
      async (raw, io) => {
        const { argument, context } = readParams(completeParams, raw);
        const ask = { argument: argument.name, value: argument.value, given: context?.arguments ?? {} };
        const found = await complete(ask, io);
        const shown = found.values.slice(0, maxCompletions);
        return { completion: { values: shown, total: found.total, hasMore: found.total > shown.length } };
      },
    ]);
  return pairs.map(([method, work]) => [method, answering(work)] as const);
}

/** The resource that was asked for, as revision 2026-07-28 wants it in errors. */
function named(params: unknown, redact: Redact): { uri?: string } {
  const { data } = readResourceParams.safeParse(params);
  return data === undefined ? {} : { uri: redact(data.uri) };
}

type Work<Connection> = [string, (params: unknown, io: OfferIo<Connection>) => Promise<Answer>];

function resourceHandlers<Connection>(offer: ResourceOffer<Connection>, redact: Redact): Work<Connection>[] {
  return [
    [
      'resources/templates/list',
      () => Promise.resolve({ resourceTemplates: [{ ...offer.template, mimeType: 'text/plain' }] }),
    ],
    [
      'resources/list',
      async (raw, io) => {
        const { resources, nextCursor } = await offer.list(readParams(listParams, raw).cursor, io);
        return { resources: [...resources], ...(nextCursor !== undefined && { nextCursor }) };
      },
    ],
    [
      'resources/read',
      async (raw, io) => {
        const { uri } = readParams(readResourceParams, raw);
        const { mimeType, text } = await offer.read(uri, io);
        return { contents: [{ uri, mimeType, text: redact(text) }] };
      },
    ],
  ];
}

function promptHandlers<Connection>(prompts: readonly PromptOffer<Connection>[], redact: Redact): Work<Connection>[] {
  return [
    [
      'prompts/list',
      () =>
        Promise.resolve({
          prompts: prompts.map(({ name, title, description, arguments: inputs }) => ({
            name,
            title,
            description,
            arguments: [...inputs],
          })),
        }),
    ],
    [
      'prompts/get',
      async (raw, io) => {
        const params = readParams(promptParams, raw);
        const prompt = prompts.find(({ name }) => name === params.name);
        const given = params.arguments ?? {};
        if (prompt === undefined) throw new ToolError('not_found', `There is no prompt '${params.name}'.`);
        const missing = prompt.arguments.find((argument) => argument.required && (given[argument.name] ?? '') === '');
        if (missing !== undefined) throw new ToolError('invalid_arguments', `'${missing.name}' is required.`);
        const text = redact(await prompt.write(given, io));
        return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
      },
    ],
  ];
}
