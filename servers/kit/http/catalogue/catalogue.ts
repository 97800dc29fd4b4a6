import * as z from 'zod';
import { examples } from '../../../contract/examples.ts';
import { factsOfTool } from '../../../contract/tool-facts.ts';
import type { ToolDescription } from '../../describe-tool.ts';
import type { ServerScopes } from '../scopes.ts';

/** What a server offers, for people who decide what to ask for. It says nothing of settings, callers or what is reached. */
export interface Catalogue {
  readonly server: string;
  readonly title: string;
  readonly scopes: ServerScopes;
  readonly tools: readonly CatalogueTool[];
}

export interface CatalogueTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly risk: 'read' | 'write' | 'destructive';
  /** Of the caller's token. */
  readonly scopes: readonly string[];
  /** What the account at the system must be allowed besides. */
  readonly upstreamScopes: readonly string[];
  /** "20/10m" */
  readonly limit?: string;
  /** Arguments that a grant pins: where it writes. */
  readonly destination: readonly string[];
  /** "deletes the ticket, or closes it" */
  readonly undo?: string;
  /** For undoing only: a model is not offered it. */
  readonly isForPeople: boolean;
  readonly arguments: readonly Argument[];
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly example?: Readonly<Record<string, unknown>>;
}

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** What a tool's own definition adds to its description. */
export interface ToolTerms {
  readonly name: string;
  readonly limit: string | undefined;
  readonly scopes: readonly string[];
}

interface Server {
  readonly name: string;
  readonly title: string;
  readonly scopes: ServerScopes;
  readonly tools: readonly ToolTerms[];
}

export function createCatalogue(server: Server, described: readonly ToolDescription[]): Catalogue {
  const { name, title, scopes, tools } = server;
  const terms = new Map(tools.map((tool) => [tool.name, tool]));
  return { server: name, title, scopes, tools: described.map((tool) => entryOf(tool, terms.get(tool.name), scopes)) };
}

const exampleOf: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map(Object.entries(examples));

function entryOf(tool: ToolDescription, terms: ToolTerms | undefined, scopes: ServerScopes): CatalogueTool {
  const { name, title, description, annotations, inputSchema } = tool;
  const facts = factsOfTool(name);
  const isRead = annotations.readOnlyHint;
  const example = exampleOf.get(name);
  return {
    name,
    title,
    description,
    risk: isRead ? 'read' : annotations.destructiveHint === true ? 'destructive' : 'write',
    scopes: isRead ? [scopes.read] : [scopes.read, scopes.write],
    upstreamScopes: terms?.scopes ?? [],
    ...(terms?.limit !== undefined && { limit: terms.limit }),
    destination: facts?.destination ?? [],
    ...(facts?.undo !== undefined && { undo: facts.undo }),
    isForPeople: facts?.isUndo === true,
    arguments: argumentsOf(inputSchema),
    inputSchema,
    ...(example !== undefined && { example }),
  };
}

const schemaSchema = z.looseObject({
  properties: z
    .record(
      z.string(),
      z.looseObject({
        type: z.union([z.string(), z.array(z.string())]).optional(),
        enum: z.array(z.unknown()).optional(),
        default: z.unknown().optional(),
        description: z.string().optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
});

function argumentsOf(inputSchema: ToolDescription['inputSchema']): readonly Argument[] {
  const { properties, required } = schemaSchema.parse(inputSchema);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type:
      property.enum?.map((value) => JSON.stringify(value)).join(' | ') ?? [property.type ?? 'any'].flat().join(' | '),
    // What has a default may be left out.
    isRequired: required.includes(name) && property.default === undefined,
    description: [
      property.description ?? '',
      ...(property.default === undefined ? [] : [`default: ${JSON.stringify(property.default)}`]),
    ]
      .filter((part) => part !== '')
      .join('; '),
  }));
}
