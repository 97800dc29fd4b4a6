import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { issueKeySchema, projectOfKey } from '../client/keys.ts';
import { removal, removalSchema } from '../undo/remove.ts';
import { restoration, restorationSchema } from '../undo/restore.ts';
import type { Context, Undo } from '../undo/undo.ts';
import { withdrawal, withdrawalSchema } from '../undo/withdraw.ts';
import { writeOutput, written } from './write-output.ts';

const input = z.strictObject({
  issue_key: issueKeySchema,
  // Its shape is not described: a person asks for it, no model writes it, and every model pays for the list of tools.
  change: z.record(z.string(), z.unknown()).describe('from the result'),
});

export default defineTool({
  name: 'undo_jira_change',
  title: 'Undo Jira change',
  description: 'Takes back what another tool here did.',
  limit: '20/10m',
  input,
  output: writeOutput,
  preview: (input, context: Context) => undoOf(input, context).preview(),
  run: async (input, context) => {
    const { said, warnings } = await undoOf(input, context).run();
    const url = context.connection.issueUrl(input.issue_key);
    return written({ key: input.issue_key, url, said: `${said}.`, warnings, more: {} });
  },
});

/** @throws ToolError `not_allowed` first: what is outside the allowed projects is not described either. */
function undoOf({ issue_key: key, change }: z.infer<typeof input>, context: Context) {
  context.connection.requireProject(projectOfKey(key));
  const ways = [
    bind(removalSchema, removal, key, change, context),
    bind(restorationSchema, restoration, key, change, context),
    bind(withdrawalSchema, withdrawal, key, change, context),
  ];
  const way = ways.find((each) => each !== undefined);
  if (way === undefined) throw new ToolError('invalid_arguments', "'change' is not what a result said about its undo.");
  return way;
}

function bind<Change>(schema: z.ZodType<Change>, undo: Undo<Change>, key: string, change: unknown, context: Context) {
  const { data } = schema.safeParse(change);
  if (data === undefined) return undefined;
  return { preview: () => undo.preview(key, data, context), run: () => undo.run(key, data, context) };
}
