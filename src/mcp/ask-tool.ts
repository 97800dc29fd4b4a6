import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { RefusedRequestError, type McpClient, type Params, type RequestOptions } from './client/mcp-client.ts';
import { mirroredHeaders } from './client/mirrored-arguments.ts';
import type { ListedTool } from './tool-specs.ts';

/** A JSON-RPC error code. */
export const invalidParams = -32_602;

const resourceInputSchema = z.object({ uri: z.string() });
const resourceSchema = z.object({ contents: z.array(z.looseObject({ uri: z.string() })) });

/**
 * Calls a tool the way its spec requires. Returns what `tools/call` would return, unvalidated.
 * @throws what the requests throw
 */
export async function askTool(
  client: McpClient,
  { by, mirrored }: ListedTool,
  params: Params,
  options: RequestOptions,
): Promise<unknown> {
  const { arguments: input } = params;
  if (by === 'read-resource') return readResource(client, input, options);
  const whole = mirrored.length === 0 ? options : { ...options, headers: mirroredHeaders(mirrored, input) };
  return by === 'task' ? callAsTask(client, params, whole) : client.request('tools/call', params, whole);
}

async function readResource(client: McpClient, given: unknown, options: RequestOptions): Promise<unknown> {
  const input = resourceInputSchema.safeParse(given);
  if (!input.success) throw new RefusedRequestError(invalidParams, 'uri is required: the address of a resource');
  const { uri } = input.data;
  const { contents } = resourceSchema.parse(await client.request('resources/read', { uri }, options));
  return { content: contents.map((resource) => ({ type: 'resource', resource })) };
}

/** The specification's experimental tasks: the server keeps working, and the client fetches the result later. */
const createdSchema = z.object({
  task: z.object({ taskId: z.string(), status: z.string(), pollInterval: z.number().min(0).optional() }),
});

const taskSchema = z.object({
  status: z.string(),
  statusMessage: z.string().optional(),
  pollInterval: z.number().min(0).optional(),
});

const usualPollMs = 1000;
const minPollMs = 50;
/** How long the server keeps an unfetched result, in milliseconds. */
const keepMs = 3_600_000;

/** Calls a tool that runs as a task and waits until it ends. Aborting `signal` also cancels the task. */
async function callAsTask(client: McpClient, params: Params, options: RequestOptions): Promise<unknown> {
  const first = await client.request('tools/call', { ...params, task: { ttl: keepMs } }, options);
  const created = createdSchema.safeParse(first);
  if (!created.success) return first; // it finished immediately
  const { taskId, pollInterval } = created.data.task;
  let waitMs = pollInterval ?? usualPollMs;
  try {
    for (let polls = 1; ; polls += 1) {
      await delay(Math.max(minPollMs, waitMs), undefined, { signal: options.signal });
      const task = taskSchema.parse(await client.request('tasks/get', { taskId }, { signal: options.signal }));
      options.onProgress?.({ progress: polls, message: task.statusMessage ?? task.status });
      waitMs = task.pollInterval ?? waitMs;
      // `input_required` is handled while we wait for the result.
      if (task.status !== 'working' && task.status !== 'submitted') break;
    }
    const { headers: _, ...rest } = options;
    return await client.request('tasks/result', { taskId }, rest);
  } catch (error) {
    if (options.signal.aborted) {
      await client.request('tasks/cancel', { taskId }, { signal: AbortSignal.timeout(usualPollMs) }).catch(() => {
        // The run is over. A server that ignores the cancellation keeps the task until it expires.
      });
    }
    throw error;
  }
}
