import * as z from 'zod';
import { factsOfTool } from '../../servers/contract/tool-facts.ts';
import type { Model, ModelEvent } from './model/model.ts';
import type { Arguments, ToolSpec } from './tools.ts';

/** A call requested by the user instead of the model. */
export interface RequestedCall {
  readonly plainName: string;
  readonly arguments: Arguments;
}

const messageSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  parts: z.array(z.object({ ts: z.string() })).optional(),
});
/** What was so before is not ours to undo. */
const changed = z.literal(true);
const reactionSchema = messageSchema.extend({ name: z.string(), removed: z.boolean(), changed });
const pinSchema = messageSchema.extend({ pinned: z.boolean(), changed });
const filled = z.string().min(1);
const issueSchema = z.object({ issue_key: z.string() });
const editedSchema = messageSchema.extend({
  undo: z.object({ text: z.string(), blocks: z.array(z.unknown()), after: z.string() }),
});

/** What undoing a write does, after "Undo": "deletes the message". undefined if it cannot be undone from here. */
export function undoOf({ trusted, plainName }: Pick<ToolSpec, 'trusted' | 'plainName'>): string | undefined {
  return trusted ? factsOfTool(plainName)?.undo : undefined;
}

/** By the write that they undo: the calls, based on the server's result. */
const waysBack: Readonly<Record<string, (result: unknown) => readonly RequestedCall[]>> = {
  post_slack_message: (result) => {
    const { data: posted } = messageSchema.safeParse(result);
    if (posted === undefined) return [];
    const { channel, ts, parts = [] } = posted;
    // The first message of a thread goes last.
    const all = [...new Set([ts, ...parts.map((part) => part.ts)])].toReversed();
    return all.map((each) => deletion(channel, each));
  },
  add_slack_reaction: (result) => {
    const { data } = reactionSchema.safeParse(result);
    if (data === undefined) return [];
    const { channel, ts, name, removed } = data;
    return [{ plainName: 'add_slack_reaction', arguments: { channel, ts, name, remove: !removed } }];
  },
  pin_slack_message: (result) => {
    const { data } = pinSchema.safeParse(result);
    if (data === undefined) return [];
    const { channel, ts, pinned } = data;
    return [{ plainName: 'pin_slack_message', arguments: { channel, ts, unpin: pinned } }];
  },
  update_slack_message: (result) => {
    const { data } = editedSchema.safeParse(result);
    if (data === undefined) return [];
    const { channel, ts, parts = [], undo } = data;
    const restored = { plainName: 'restore_slack_message', arguments: { channel, ts, ...undo } };
    return [...parts.toReversed().map((part) => deletion(channel, part.ts)), restored];
  },
  upload_slack_file: (result) => {
    const { data } = z.object({ channel: z.string(), file_id: z.string() }).safeParse(result);
    return data === undefined ? [] : [{ plainName: 'delete_slack_file', arguments: data }];
  },
  create_jira_ticket: ofIssue(issueSchema.transform(({ issue_key: key }) => ({ key, change: { created: true } }))),
  add_jira_comment: ofComment,
  attach_to_jira_issue: ofIssue(
    issueSchema.extend({ attachment_id: filled }).transform(({ issue_key: key, ...change }) => ({ key, change })),
  ),
  link_jira_issues: ofChange,
  update_jira_issue: ofChange,
  // Its comment first: it is there even if the workflow has no way back.
  transition_jira_issue: (result) => [...ofComment(result), ...ofChange(result)],
};
const byWrite = new Map(Object.entries(waysBack));

/** The calls that undo a write, based on the server's result. Empty if unknown. */
export function undoCalls(plainName: string, result: unknown): readonly RequestedCall[] {
  return byWrite.get(plainName)?.(result) ?? [];
}

function ofComment(result: unknown): readonly RequestedCall[] {
  const schema = issueSchema
    .extend({ comment_id: filled })
    .transform(({ issue_key: key, ...change }) => ({ key, change }));
  return ofIssue(schema)(result);
}

function ofChange(result: unknown): readonly RequestedCall[] {
  const schema = issueSchema
    .extend({ undo: z.record(z.string(), z.unknown()) })
    .transform(({ issue_key: key, undo: change }) => ({ key, change }));
  return ofIssue(schema)(result);
}

function ofIssue(
  schema: z.ZodType<{ readonly key: string; readonly change: Arguments }>,
): (result: unknown) => readonly RequestedCall[] {
  return (result) => {
    const { data } = schema.safeParse(result);
    return data === undefined
      ? []
      : [{ plainName: 'undo_jira_change', arguments: { issue_key: data.key, change: data.change } }];
  };
}

function deletion(channel: string, ts: string): RequestedCall {
  return { plainName: 'delete_slack_message', arguments: { channel, ts } };
}

/** Makes these calls in one turn and says nothing. Preview, approval and records are like any other write's. */
export function callsAsModel(calls: readonly RequestedCall[], newId: () => string): Model {
  const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
  let isDone = false;
  return {
    id: 'no model',
    // oxlint-disable-next-line typescript/require-await -- a stream that has everything at once
    async *stream(): AsyncGenerator<ModelEvent> {
      const finished = { type: 'turn-finished', refusal: undefined, usage } as const;
      if (isDone) {
        yield { ...finished, content: [{ type: 'text', text: 'The calls that you asked for are done.' }], stop: 'end' };
        return;
      }
      isDone = true;
      const content = calls.map(({ plainName, arguments: value }) => ({
        type: 'tool-call' as const,
        id: newId(),
        // Of our own server, whatever others call theirs.
        name: `${factsOfTool(plainName)?.server}__${plainName}`,
        input: { kind: 'complete' as const, value },
      }));
      yield { ...finished, content, stop: 'tool-calls' };
    },
  };
}
