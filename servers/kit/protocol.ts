import * as z from 'zod';
import { metaKeys, stopNotificationSchema } from '../contract/meta.ts';
import type { Redact } from '../contract/redact.ts';
import type { Tracing } from '../contract/telemetry/tracing.ts';
import type { CallAudit } from './audit.ts';
import { callTool } from './call-tool.ts';
import { ownName, readableName, type Caller } from './caller/caller.ts';
import { createCallSignals } from './cancellation.ts';
import { describeTool, type ToolDescription } from './describe-tool.ts';
import type { Tool } from './define-tool.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import { offerCapabilities, offerHandlers, type Offers } from './resources-and-prompts.ts';
import { ProtocolFault, readParams, type Answer, type Exchange, type Handler } from './requests.ts';
import type { ToolLimits } from './rate-limit.ts';
import { traceCall } from './telemetry/trace-call.ts';

/** A server's responses without SDK or transport, served over both stdio and HTTP. */
export interface Protocol<Connection> {
  readonly info: { readonly name: string; readonly title: string; readonly version: string };
  readonly capabilities: Record<string, object>;
  readonly instructions: string;
  /** As `tools/list` describes them. */
  readonly tools: () => readonly ToolDescription[];
  readonly knows: (method: string) => boolean;
  /** @throws ProtocolFault */
  readonly answer: (method: string, params: unknown, exchange: Exchange<Connection>) => Promise<Answer>;
  /** Ends a call that the caller named; see `stopNotificationSchema`. */
  readonly stop: (notification: unknown, caller: Caller | undefined) => void;
  /** Like `stop`, for a request that reached another replica. */
  readonly stopNamed: (name: string) => void;
}

/** What one of our servers offers its callers. */
export interface Served<Connection> {
  /** Short id, which hosts also use as the tool prefix: "postgres". */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** Instructions for the model: a few lines. */
  readonly instructions: string;
  readonly tools: readonly Tool<Connection>[];
  /**
   * Pass arguments of reads to the tools unchanged: a database password may also be an ordinary word in a query.
   * Otherwise, and always for writes, secrets in arguments are masked.
   */
  readonly readsVerbatim?: true;
  /** Resources, prompts and completions, if the server has any. */
  readonly offers?: Offers<Connection>;
}

export interface Kit {
  readonly log: Log;
  readonly redact: Redact;
  readonly ledger: Ledger;
  readonly limits: ToolLimits;
  readonly audit: CallAudit;
  readonly tracing: Tracing;
  readonly stopping: AbortSignal;
  /** Write calls in progress. */
  readonly writes: Set<Promise<unknown>>;
  readonly publishStop: (name: string) => void;
  /** Texts that others read name the caller, because they come from the server's own account. */
  readonly namesCallers: boolean;
}

const callParams = z.looseObject({
  name: z.string(),
  arguments: z.unknown().optional(),
  _meta: z.looseObject({ progressToken: z.union([z.string(), z.int()]).optional() }).optional(),
});

function listed(tools: ToolDescription[], caller: Caller | undefined): Promise<Answer> {
  const name = readableName(caller);
  return Promise.resolve({ tools, ...(name !== undefined && { _meta: { [metaKeys.caller]: name } }) });
}

function describeOnce<Connection>(tools: readonly Tool<Connection>[]): () => ToolDescription[] {
  let described: ToolDescription[] | undefined;
  return () => (described ??= tools.map(describeTool));
}

function stoppedCall(notification: unknown, caller: Caller | undefined): string | undefined {
  const { data } = stopNotificationSchema.safeParse(notification);
  return data === undefined ? undefined : ownName(caller, data.params.call);
}

export function createProtocol<Connection>(served: Served<Connection>, kit: Kit): Protocol<Connection> {
  const { stopping, tracing, writes, publishStop, ...rest } = kit;
  const shared = { ...rest, readsVerbatim: served.readsVerbatim === true };
  const tools = new Map(served.tools.map((tool) => [tool.name, tool]));
  const calls = createCallSignals(stopping);
  const describe = describeOnce(served.tools);

  const call: Handler<Connection> = (raw, { connection, caller, signal, notify }) => {
    const params = readParams(callParams, raw);
    const token = params._meta?.progressToken;
    const name = params._meta?.[metaKeys.call];
    const running = calls.begin(signal, typeof name === 'string' ? ownName(caller, name) : undefined);
    let reports = 0;
    const request = {
      name: params.name,
      arguments: params.arguments,
      meta: params._meta,
      signal: running.signal,
      ...(caller !== undefined && { caller }),
      progress: (message: string, done?: number, total?: number): void => {
        if (token === undefined) return;
        reports += 1; // the specification requires a number that increases with every report
        const progress = { progressToken: token, progress: done ?? reports, message };
        notify('notifications/progress', { ...progress, ...(total !== undefined && { total }) }).catch(
          (error: unknown) => kit.log('warn', 'cannot send progress', { error: String(error) }),
        );
      },
    };
    const run = () => callTool(request, { tools, connection, ...shared });
    const answered = traceCall(tracing, { request, isKnown: tools.has(params.name) }, run).finally(() => {
      running.end();
      writes.delete(answered);
    });
    if (tools.get(params.name)?.risk !== 'read') writes.add(answered);
    return answered;
  };

  const handlers = new Map<string, Handler<Connection>>([
    ['tools/list', (_params, { caller }) => listed(describe(), caller)],
    ['tools/call', call],
    ...(served.offers === undefined ? [] : offerHandlers(served.offers, kit.redact)),
  ]);
  return {
    info: { name: `switchboard-${served.name}`, title: served.title, version: served.version },
    capabilities: { tools: {}, ...(served.offers !== undefined && offerCapabilities(served.offers)) },
    instructions: served.instructions,
    tools: describe,
    knows: (method) => handlers.has(method),
    answer: async (method, params, exchange) => {
      const handler = handlers.get(method);
      if (handler === undefined) throw new ProtocolFault(-32601, 'Method not found');
      return handler(params, exchange);
    },
    stop: (notification, caller) => {
      const name = stoppedCall(notification, caller);
      if (name === undefined) return;
      calls.stop(name);
      publishStop(name);
    },
    stopNamed: calls.stop,
  };
}
