import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { McpClient, Params, RequestOptions } from './client/mcp-client.ts';

/** Of the specification's experimental tasks: the server works on, and is asked for the result later. */
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
/** How long the server keeps a result that nobody has fetched, in milliseconds. */
const keepMs = 3_600_000;

/**
 * Calls a tool that runs as a task, and waits for its end. The answer is that of `tools/call`.
 * @throws what the requests throw; when `signal` is aborted the task is cancelled, too.
 */
export async function callAsTask(client: McpClient, params: Params, options: RequestOptions): Promise<unknown> {
  const first = await client.request('tools/call', { ...params, task: { ttl: keepMs } }, options);
  const created = createdSchema.safeParse(first);
  if (!created.success) return first; // it was done at once
  const { taskId, pollInterval } = created.data.task;
  let waitMs = pollInterval ?? usualPollMs;
  try {
    for (let polls = 1; ; polls += 1) {
      await delay(Math.max(minPollMs, waitMs), undefined, { signal: options.signal });
      const task = taskSchema.parse(await client.request('tasks/get', { taskId }, { signal: options.signal }));
      options.onProgress?.({ progress: polls, message: task.statusMessage ?? task.status });
      waitMs = task.pollInterval ?? waitMs;
      // `input_required` is answered while the result is waited for.
      if (task.status !== 'working' && task.status !== 'submitted') break;
    }
    return await client.request('tasks/result', { taskId }, options);
  } catch (error) {
    if (options.signal.aborted) {
      await client.request('tasks/cancel', { taskId }, { signal: AbortSignal.timeout(usualPollMs) }).catch(() => {
        // The run is over; a server that does not take the cancellation keeps the task until its time is up.
      });
    }
    throw error;
  }
}
