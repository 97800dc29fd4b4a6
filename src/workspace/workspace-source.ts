import * as z from 'zod';
import type { ToolFailure, ToolOutcome, ToolSource } from '../agent/tools.ts';
import { WorkspaceError } from './errors.ts';
import { workspaceTools } from './tools/index.ts';
import type { Workspace } from './workspace.ts';

/** The read-only workspace tools, for the agent. */
export function createWorkspaceSource(workspace: Workspace): ToolSource {
  return {
    list: () => Promise.resolve(workspaceTools.filter((tool) => tool.offered(workspace)).map((tool) => tool.spec)),
    call: async (name, input, options): Promise<ToolOutcome> => {
      const tool = workspaceTools.find((candidate) => candidate.spec.name === name);
      try {
        if (tool === undefined) throw new WorkspaceError('not_found', `Tool '${name}' does not exist.`);
        options.signal.throwIfAborted();
        const { text, structured } = await tool.run(input, workspace, options.signal);
        return { kind: 'result', text, structured };
      } catch (error) {
        return failed(toFailure(error, options.signal));
      }
    },
  };
}

function failed(failure: ToolFailure): ToolOutcome {
  const hint = failure.hint === undefined ? '' : `\nHint: ${failure.hint}`;
  return { kind: 'failure', text: `${failure.code}: ${failure.message}${hint}`, failure };
}

function toFailure(error: unknown, signal: AbortSignal): ToolFailure {
  if (signal.aborted) return { code: 'cancelled', message: 'The call was cancelled.', retryable: false };
  if (error instanceof WorkspaceError)
    return { code: error.code, message: error.message, hint: error.hint, retryable: error.code === 'timeout' };
  if (error instanceof z.ZodError) {
    const problems = error.issues.map((issue) => `'${issue.path.join('.')}': ${issue.message}`);
    return { code: 'invalid_arguments', message: problems.join('; ').replaceAll("'': ", ''), retryable: false };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `The workspace could not be read: ${reason}`, retryable: false };
}
