import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { Transition } from '../client/response-schemas.ts';
import { requireIssue } from '../connection.ts';
import { statusAfter } from '../issue/find-transition.ts';
import { digestOf, settableValues } from './settable.ts';
import { nothingElse, type Context, type Undo } from './undo.ts';

const fieldName = z.string().regex(/^\w{1,100}$/);

/** The old values of fields with digests of what replaced them, or the two statuses of a move. */
export const restorationSchema = z.union([
  z.strictObject({ before: z.record(fieldName, z.unknown()), after: z.record(fieldName, z.string()) }),
  z.strictObject({ status: z.strictObject({ from: z.string(), to: z.string() }) }),
]);

type Restoration = z.infer<typeof restorationSchema>;

/** Takes back an edit or a move, where nobody has changed it since. */
export const restoration: Undo<Restoration> = {
  preview: async (issueKey, change, context) => {
    const { key, summary, fields, changed, back, shown } = await compose(issueKey, change, context);
    const raw = {
      ...(Object.keys(fields).length > 0 && { fields }),
      ...(back !== undefined && { transition: back.id }),
    };
    return {
      ...nothingElse,
      title: back === undefined ? `Set ${key} back` : `Move ${key} back to ${statusAfter(back)}`,
      destination: { id: key, name: `${key} ${summary}` },
      body: '',
      raw: JSON.stringify(raw),
      fields: shown,
      warnings: changed,
    };
  },
  run: async (issueKey, change, context) => {
    const { connection } = context;
    const { api, key, fields, changed, back } = await compose(issueKey, change, context);
    await connection.paceWrites(key, context);
    const once = (name: string, send: () => Promise<void>) =>
      context.effect({
        name,
        result: z.object({}),
        send: () => send().then(() => ({})),
        find: 'repeatable',
        whereToLook: `Look at ${connection.issueUrl(key)}.`,
      });
    if (Object.keys(fields).length > 0) await once('restore', () => api.editIssue(key, fields));
    if (back !== undefined)
      await once('move back', () =>
        api.transition(key, { id: back.id, fields: {}, comment: undefined, properties: [] }),
      );
    return { said: `Took back the change of ${key}`, warnings: changed };
  },
};

async function compose(issueKey: string, change: Restoration, context: Context) {
  const { connection } = context;
  const api = await connection.open(context);
  const { key, fields: now } = await requireIssue(issueKey, ['summary', 'status'], api, connection);
  const found = { api, key, summary: now.summary };
  if ('status' in change) {
    const back = await wayBack(key, change.status, now.status?.name, api);
    const shown = [{ label: 'Current status', value: change.status.to }];
    return { ...found, fields: {}, changed: [], back, shown };
  }
  const { before, after } = change;
  const names = Object.keys(before);
  const current = await settableValues(key, names, api);
  // After a lost response it may be back already.
  const isOurs = (name: string) => [after[name], digestOf(before[name])].includes(digestOf(current[name]));
  const kept = names.filter(isOurs);
  const changed = names.filter((name) => !kept.includes(name));
  if (kept.length === 0)
    throw new ToolError('conflict', `${changed.join(', ')} of ${key} changed since. Nothing can be set back.`);
  return {
    ...found,
    fields: Object.fromEntries(kept.map((name) => [name, before[name]])),
    changed: changed.map((name) => `“${name}” was changed since, and stays as it is.`),
    back: undefined,
    shown: kept.flatMap((name) => [
      { label: name, value: textOf(before[name], api) },
      { label: `${name} now`, value: textOf(current[name], api) },
    ]),
  };
}

/** @throws ToolError if somebody moved it since, or the workflow has no way back without questions. */
async function wayBack(
  key: string,
  { from, to }: { readonly from: string; readonly to: string },
  current: string | undefined,
  api: JiraApi,
): Promise<Transition> {
  if (current !== to)
    throw new ToolError('conflict', `${key} is ${current ?? 'in no status'} now, not ${to}: it was moved since.`);
  const ways = (await api.transitions(key)).filter((transition) => transition.to?.name === from);
  const open = ways.find(({ fields }) => Object.values(fields).every(isSettled));
  if (open !== undefined) return open;
  throw new ToolError(
    'conflict',
    ways.length === 0
      ? `The workflow has no way back from ${to} to ${from}.`
      : `The way back from ${to} to ${from} asks for fields. Move it in Jira.`,
  );
}

function isSettled({ required, hasDefaultValue }: Transition['fields'][string]): boolean {
  return !required || hasDefaultValue;
}

const longestShown = 2_000;

function textOf(value: unknown, api: JiraApi): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => textOf(each, api)).join(', ');
  const isText = typeof value === 'string' || (typeof value === 'object' && 'type' in value);
  if (!isText) return JSON.stringify(value);
  const text = api.text.toMarkdown(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
