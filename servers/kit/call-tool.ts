import * as z from 'zod';
import { isOccasionKey } from '../contract/occasion-key.ts';
import { approvedBytes } from '../contract/approved-bytes.ts';
import type { ToolErrorData } from '../contract/errors.ts';
import { callMetaSchema, metaKeys } from '../contract/meta.ts';
import { redactDeep, redactJson, type Redact } from '../contract/redact.ts';
import { previewSchema, type Preview } from '../contract/preview.ts';
import type { CallAudit, RecordedCall } from './audit.ts';
import { ownName, readableName, type Caller } from './caller/caller.ts';
import type { CallInfo, PreparedCall, Tool, ToolContext, ToolResult } from './define-tool.ts';
import { createEffects } from './perform-effect.ts';
import { errorText, toErrorData, ToolError } from './errors.ts';
import type { Ledger, WriteResult } from './ledger.ts';
import type { Log } from './log.ts';
import { withFindings } from './content-warnings.ts';
import { maskArguments, outgoingArguments, type Outgoing } from './mask-arguments.ts';
import type { ToolLimits } from './rate-limit.ts';

/** A request from the transport, without any SDK type. */
export interface CallRequest {
  readonly name: string;
  readonly arguments: unknown;
  readonly meta: unknown;
  /** Over HTTP. */
  readonly caller?: Caller;
  readonly signal: AbortSignal;
  readonly progress: ToolContext<unknown>['progress'];
}

/** The `result` of `tools/call`. */
export interface CallAnswer {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent: Record<string, unknown>;
  isError?: true;
}

export interface CallEnvironment<Connection> {
  readonly tools: ReadonlyMap<string, Tool<Connection>>;
  readonly connection: Connection;
  readonly log: Log;
  readonly redact: Redact;
  readonly ledger: Ledger;
  readonly limits: ToolLimits;
  readonly audit: CallAudit;
  /** See ServerDefinition. */
  readonly readsVerbatim?: boolean;
  /** See Kit. */
  readonly namesCallers?: boolean;
}

/** Runs one tool call from raw request to answer. Contract: never throws; failures are answers too. */
export async function callTool<Connection>(
  request: CallRequest,
  environment: CallEnvironment<Connection>,
): Promise<CallAnswer> {
  const { audit, log, redact } = environment;
  const started = performance.now();
  let recorded: RecordedCall | undefined;
  try {
    const tool = findTool(request.name, environment.tools);
    const outgoing = fitArguments(tool, request.arguments, environment);
    const prepared = prepareCall(tool, outgoing.input);
    const { info, preview } = readMeta(request, tool, environment.namesCallers === true);
    const context: ToolContext<Connection> = {
      connection: environment.connection,
      signal: request.signal,
      log,
      redact,
      progress: request.progress,
      call: info,
      effect: () => Promise.reject(new Error(`${tool.name} ${preview ? 'is only previewed' : 'is a read tool'}`)),
    };
    recorded = await audit.intend({ tool: tool.name, risk: tool.risk, preview, arguments: prepared.input, info });
    const result = preview
      ? await runPreview(tool, prepared, context, outgoing.warnings)
      : tool.risk === 'read'
        ? await runRead(tool, prepared, context, environment)
        : withWarnings(await runWrite(tool, prepared, context, environment), outgoing.warnings, tool.output);
    await recorded.finish(result.structured);
    log('info', 'tool call finished', { tool: tool.name, preview, ms: Math.round(performance.now() - started) });
    return answer(result, redact);
  } catch (error) {
    const data = toErrorData(error, request.signal);
    if (recorded === undefined)
      audit.refuse({ tool: request.name, arguments: request.arguments, caller: request.caller }, data);
    else await recorded.fail(data);
    const fields = { tool: request.name, code: data.code, ms: Math.round(performance.now() - started) };
    if (data.code === 'internal') log('error', 'tool call failed unexpectedly', { ...fields, error: describe(error) });
    else log('warn', 'tool call failed', { ...fields, error: data.message });
    return errorAnswer(data, redact);
  }
}

function findTool<Connection>(name: string, tools: ReadonlyMap<string, Tool<Connection>>): Tool<Connection> {
  const tool = tools.get(name);
  if (tool !== undefined) return tool;
  throw new ToolError('not_found', `There is no tool '${name}'.`, { hint: `Tools: ${[...tools.keys()].join(', ')}.` });
}

/** Runs before anything else reads the arguments, so a secret cannot leave through any of them. */
function fitArguments<Connection>(
  tool: Tool<Connection>,
  input: unknown,
  { redact, readsVerbatim }: CallEnvironment<Connection>,
): Outgoing {
  if (tool.risk !== 'read') return outgoingArguments(input, redact, tool.files);
  return { input: readsVerbatim === true ? input : maskArguments(input, redact), warnings: [] };
}

function prepareCall<Connection>(tool: Tool<Connection>, input: unknown): PreparedCall<Connection> {
  const prepared = tool.prepare(input ?? {});
  if ('run' in prepared) return prepared;
  throw new ToolError('invalid_arguments', prepared.issues.map(describeIssue).join('; '), {
    hint: `Arguments of ${tool.name}: ${Object.keys(tool.input.shape).join(', ')}.`,
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return `unknown argument ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
  if (issue.code === 'invalid_type' && issue.input === undefined) return `'${field}' is required (${issue.expected})`;
  return field === '' ? issue.message : `'${field}': ${issue.message}`;
}

function readMeta<Connection>(
  { meta, caller }: CallRequest,
  tool: Tool<Connection>,
  namesCallers: boolean,
): { info: CallInfo; preview: boolean } {
  const parsed = callMetaSchema.safeParse(meta ?? {});
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => `_meta.${issue.path.join('.')}: ${issue.message}`);
    throw new ToolError('invalid_arguments', fields.join('; '));
  }
  const preview = parsed.data[metaKeys.preview] === true;
  // A preview request to a read tool must not run the call.
  if (preview && tool.risk === 'read')
    throw new ToolError('invalid_arguments', `${tool.name} only reads: it has no preview.`);
  return {
    preview,
    info: {
      idempotencyKey: parsed.data[metaKeys.idempotencyKey],
      run: parsed.data[metaKeys.run],
      approval: parsed.data[metaKeys.approval],
      caller,
      onBehalfOf: namesCallers ? readableName(caller) : undefined,
    },
  };
}

async function runPreview<Connection>(
  tool: Tool<Connection>,
  prepared: PreparedCall<Connection>,
  context: ToolContext<Connection>,
  changes: readonly string[],
): Promise<ToolResult<Record<string, unknown>>> {
  if (prepared.preview === undefined) throw new ToolError('invalid_arguments', `${tool.name} has no preview.`);
  const shown = whole(await prepared.preview(context), tool.name, context.redact);
  const preview = withFindings({ ...shown, warnings: [...changes, ...shown.warnings] }, context.call.onBehalfOf);
  const text = `Preview only, nothing was sent.\n${preview.title} -> ${preview.destination.name}\n\n${preview.body}`;
  return { structured: { outcome: 'preview', preview }, text };
}

/**
 * The preview shows exactly the bytes that are sent. Arguments are already masked, so a secret that only appears once
 * they are combined stops the call.
 */
function whole(preview: Preview, tool: string, redact: Redact): Preview {
  if (redactJson(preview.raw, redact) === preview.raw) return preview;
  throw new ToolError(
    'not_allowed',
    `What ${tool} would send contains a secret split across arguments. Nothing was sent.`,
    {
      hint: 'Remove the secret.',
    },
  );
}

/** Reports changed arguments the same way for every tool: in the text, and in `warnings` if the output has them. */
function withWarnings(result: WriteResult, changes: readonly string[], output: z.ZodObject): WriteResult {
  if (changes.length === 0) return result;
  const own = z.array(z.string()).catch([]).parse(result.structured['warnings']);
  const warnings = [...changes, ...own];
  return {
    structured: { ...result.structured, ...('warnings' in output.shape && { warnings }) },
    text: [result.text, ...changes].join('\n'),
  };
}

async function runRead<Connection>(
  tool: Tool<Connection>,
  prepared: PreparedCall<Connection>,
  context: ToolContext<Connection>,
  { limits }: CallEnvironment<Connection>,
): Promise<ToolResult<Record<string, unknown>>> {
  await limits.take(tool, context);
  return prepared.run(context);
}

/**
 * With an idempotency key, runs through the ledger; without one, nothing is replayed. Approval and quota are checked
 * just before the first send: what an earlier call sent needs neither, and is reported.
 */
async function runWrite<Connection>(
  tool: Tool<Connection>,
  prepared: PreparedCall<Connection>,
  context: ToolContext<Connection>,
  { ledger, limits }: CallEnvironment<Connection>,
): Promise<WriteResult> {
  const { signal, progress, log } = context;
  const run = async (effect: ToolContext<Connection>['effect']): Promise<WriteResult> => {
    const { structured, text } = await prepared.run({ ...context, effect });
    return { structured, text };
  };
  const beforeSending = async (): Promise<void> => {
    await requireApprovedBytes(tool, prepared, context);
    await limits.take(tool, context);
  };
  const { idempotencyKey, caller } = context.call;
  if (idempotencyKey === undefined)
    return run(createEffects({ key: undefined, signal, progress, log, beforeSending }).perform);
  const key = ownName(caller, idempotencyKey);
  const mayReword = isOccasionKey(idempotencyKey);
  const call = { key, tool: tool.name, arguments: prepared.input, mayReword, signal, progress, beforeSending };
  return ledger.once(call, run);
}

/**
 * An approval covers only what was shown: if a channel was renamed, an issue moved or a workflow changed since, the
 * call is refused. The key is left out, because the preview was made without one.
 */
async function requireApprovedBytes<Connection>(
  tool: Tool<Connection>,
  prepared: PreparedCall<Connection>,
  context: ToolContext<Connection>,
): Promise<void> {
  const approved = context.call.approval?.sha256;
  if (approved === undefined || prepared.preview === undefined) return;
  const now = await prepared.preview({ ...context, call: { ...context.call, idempotencyKey: undefined } });
  if (approvedBytes(whole(now, tool.name, context.redact)) === approved) return;
  throw new ToolError(
    'conflict',
    `What ${tool.name} would send now differs from what was approved. Nothing was sent.`,
    {
      hint: 'Ask again. The new approval will show what changed.',
    },
  );
}

/**
 * Upstream data may contain a secret, which is masked here. The bytes of a preview were already checked value by value:
 * checked as one text, JSON punctuation could look like part of a secret.
 */
function answer({ text, structured }: ToolResult<Record<string, unknown>>, redact: Redact): CallAnswer {
  const { data: shown } = previewSchema.safeParse(structured['preview']);
  const safe = redactDeep(shown === undefined ? structured : { ...structured, preview: { ...shown, raw: '' } }, redact);
  const preview = shown === undefined ? {} : { preview: { ...recordOf(safe['preview']), raw: shown.raw } };
  return { content: [{ type: 'text', text: redact(text) }], structuredContent: { ...safe, ...preview } };
}

function recordOf(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(value);
}

function errorAnswer(error: ToolErrorData, redact: Redact): CallAnswer {
  const safe: ToolErrorData = {
    ...error,
    message: redact(error.message),
    ...(error.hint !== undefined && { hint: redact(error.hint) }),
    ...(error.details !== undefined && { details: redactDeep(error.details, redact) }),
  };
  return { content: [{ type: 'text', text: errorText(safe) }], structuredContent: { error: safe }, isError: true };
}

/** Never log the error object itself: HTTP client errors include the request and its token. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
