import type * as z from 'zod';
import type { Caller } from './caller/caller.ts';
import type { ApprovalMeta, RunMeta } from '../contract/meta.ts';
import type { Preview } from '../contract/preview.ts';
import { toolFacts, type ReadToolName, type WriteToolName } from '../contract/tool-facts.ts';
import type { PerformEffect } from './effect.ts';
import type { Log } from './log.ts';
import type { Redact } from '../contract/redact.ts';

/** Declared once per tool; annotations, policy defaults and audit follow from it. */
export type Risk = 'read' | 'write' | 'destructive';

/** What a tool gets besides its arguments. `connection` is the server's pool or client. */
export interface ToolContext<Connection> {
  readonly connection: Connection;
  /** Aborts when the client cancels or disconnects, or the server shuts down. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** For everything outgoing: tickets, messages, files. The kit redacts results and errors. */
  readonly redact: Redact;
  /** Reports progress to the client, if it asked for it. Omit `total` if unknown. */
  readonly progress: (message: string, done?: number, total?: number) => void;
  readonly call: CallInfo;
  /** The only way for a write tool to change anything upstream: at most once per call, see effect.ts. */
  readonly effect: PerformEffect;
}

/** What is known about the call besides its arguments: what the host says in `_meta` (other MCP clients say nothing), and who called. */
export interface CallInfo {
  /** Undefined over stdio. */
  readonly caller?: Caller | undefined;
  /** Whom a text that others read must name; undefined where the caller acts as themselves. */
  readonly onBehalfOf?: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly run: RunMeta | undefined;
  readonly approval: ApprovalMeta | undefined;
}

export interface ToolResult<Output> {
  readonly structured: Output;
  /** Compact text for the model: the same facts in the fewest tokens. */
  readonly text: string;
}

interface ToolShape<Input extends z.ZodObject, Output extends z.ZodObject, Connection> {
  /** `verb_noun`; the file is named after it in kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What it does, when to use it, its limits. It costs tokens on every turn, so keep it short and exact. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  /** "10/10m": at most ten calls in ten minutes, unless SWITCHBOARD_RATE_LIMITS overrides it. */
  readonly limit?: string;
  /** What the account or app must be allowed upstream for this tool alone. The setup documents list them. */
  readonly scopes?: readonly string[];
  /** @throws ToolError for failures that the caller can understand; anything else becomes `internal`. */
  readonly run: (input: z.infer<Input>, context: ToolContext<Connection>) => Promise<ToolResult<z.infer<Output>>>;
}

export interface ReadTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection> extends ToolShape<
  Input,
  Output,
  Connection
> {
  readonly risk: 'read';
}

export interface WriteTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection> extends ToolShape<
  Input,
  Output,
  Connection
> {
  readonly risk: 'write' | 'destructive';
  /** Arguments with file content, whose bytes are kept as given. */
  readonly files?: readonly string[];
  /**
   * Describes what `run` would do with the same input, and changes nothing upstream. Refuses whatever `run` would
   * refuse. Its output is `{outcome: 'preview', preview}`.
   */
  readonly preview: (input: z.infer<Input>, context: ToolContext<Connection>) => Promise<Preview>;
}

/**
 * A tool without its input and output types, as the server stores it. `parse` restores the types that `run` and
 * `preview` were declared with.
 */
export interface Tool<Connection> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly risk: Risk;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly limit: string | undefined;
  readonly scopes: readonly string[];
  readonly files: readonly string[];
  /** Validates the arguments and returns a call that is ready to run. */
  readonly prepare: (input: unknown) => PreparedCall<Connection> | z.ZodError;
}

export interface PreparedCall<Connection> {
  /** The validated arguments: defaults filled in, text trimmed. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly run: (context: ToolContext<Connection>) => Promise<ToolResult<Record<string, unknown>>>;
  readonly preview: ((context: ToolContext<Connection>) => Promise<Preview>) | undefined;
}

/** A tool with any name; `defineTool` uses this for ours. */
export function makeTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection>(
  definition: ReadTool<Input, Output, Connection> | WriteTool<Input, Output, Connection>,
): Tool<Connection> {
  return {
    name: definition.name,
    title: definition.title,
    description: definition.description,
    risk: definition.risk,
    input: definition.input,
    output: definition.output,
    limit: definition.limit,
    scopes: definition.scopes ?? [],
    files: definition.risk === 'read' ? [] : (definition.files ?? []),
    prepare: (raw) => {
      const parsed = definition.input.safeParse(raw, { reportInput: true });
      if (!parsed.success) return parsed.error;
      const input = parsed.data;
      return {
        input,
        run: (context) => definition.run(input, context),
        preview: definition.risk === 'read' ? undefined : (context) => definition.preview(input, context),
      };
    },
  };
}

type Own<Definition, Name> = Omit<Definition, 'name' | 'risk' | 'files'> & { readonly name: Name };

/**
 * One of our tools. Name, risk and file arguments come from its row in contract/tool-facts.ts; without one it does not
 * compile.
 */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection>(
  definition: Own<ReadTool<Input, Output, Connection>, ReadToolName>,
): Tool<Connection>;
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection>(
  definition: Own<WriteTool<Input, Output, Connection>, WriteToolName>,
): Tool<Connection>;
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject, Connection>(
  definition:
    | Own<ReadTool<Input, Output, Connection>, ReadToolName>
    | Own<WriteTool<Input, Output, Connection>, WriteToolName>,
): Tool<Connection> {
  if (!('preview' in definition)) return makeTool({ ...definition, risk: 'read' });
  const { risk, file } = toolFacts[definition.name];
  return makeTool({ ...definition, risk, files: file });
}
