import * as z from 'zod';
import type { Arguments, ToolSpec } from '../agent/tools.ts';
import type { Workspace } from './workspace.ts';

export interface WorkspaceTool {
  readonly spec: ToolSpec;
  /** The tool is not offered if this returns false, for example without an editor. */
  readonly offered: (workspace: Workspace) => boolean;
  /** @throws WorkspaceError, ZodError or, if cancelled, the signal's reason. */
  readonly run: (input: Arguments, workspace: Workspace, signal: AbortSignal) => Promise<WorkspaceResult>;
}

export interface WorkspaceResult {
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
}

interface Definition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly offered?: (workspace: Workspace) => boolean;
  readonly run: (input: z.infer<Input>, workspace: Workspace, signal: AbortSignal) => Promise<WorkspaceResult>;
}

/** All of them are read-only. */
export function defineWorkspaceTool<Input extends z.ZodObject>(definition: Definition<Input>): WorkspaceTool {
  const { name, title, description, input } = definition;
  return {
    spec: {
      name,
      plainName: name,
      server: 'workspace',
      title,
      description,
      inputSchema: z.toJSONSchema(input, { io: 'input' }),
      risk: 'read',
      trusted: true,
      preview: false,
      idempotent: false,
    },
    offered: definition.offered ?? (() => true),
    run: (raw, workspace, signal) => definition.run(input.parse(raw), workspace, signal),
  };
}

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer';
}

/** A table in the form of every read result. */
export function table(columns: readonly Column[], rows: readonly (readonly unknown[])[], truncated: boolean) {
  return { columns, rows, row_count: rows.length, truncated };
}

export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
