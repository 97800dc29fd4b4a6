import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import type { RichValue } from '../client/jira-api.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { Field, SystemFields } from '../client/response-schemas.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { attachWholes, shownWholes, wholesOf } from '../issue/attach-whole.ts';
import { ownLabel } from '../issue/fingerprint.ts';
import { convertWithImages, showsImage } from '../issue/embedded-images.ts';
import { findMentioned, findUser } from '../issue/people.ts';
import { redactDeep } from '../../contract/redact.ts';
import { fitLabels, fitSummary } from '../issue/summary.ts';
import { digestOf, digestsOf, settableValues } from '../undo/settable.ts';
import { givenFields, readValues, type GivenField, type IssueValues } from '../issue/values.ts';
import { fieldMap, labelList, markdownText, mentionList, personList, shortText, summaryText } from './arguments.ts';
import { undoData, writeOutput, written } from './write-output.ts';

const inputSchema = z.strictObject({
  issue_key: issueKeySchema,
  summary: summaryText.optional(),
  description: markdownText.optional().describe('Markdown, replaces the whole'),
  priority: shortText.optional(),
  labels: labelList.describe('replaces all'),
  assignee: shortText.optional().describe('"none": nobody'),
  parent: shortText.optional().describe('key or "none"'),
  watchers: personList.describe('to add'),
  fields: fieldMap,
  mentions: mentionList,
});

type Input = z.infer<typeof inputSchema>;
type Context = ToolContext<JiraConnection>;

export default defineTool({
  name: 'update_jira_issue',
  title: 'Update Jira issue',
  description: 'Sets fields of an issue; others stay unchanged.',
  limit: '30/10m',
  input: inputSchema,
  output: writeOutput.extend({ undo: undoData }),
  preview: async (input, context: Context) => {
    const change = await compose(input, context);
    return {
      title: `Update ${change.key}`,
      destination: { id: change.key, name: `${change.key} ${change.before.summary}` },
      body: change.description,
      raw: JSON.stringify({
        fields: change.values.fields,
        ...shownWholes(change.wholes),
        ...(change.watchers.length > 0 && { watchers: change.watchers.map(({ id }) => id) }),
      }),
      fields: [
        ...change.values.shown,
        ...change.replaced,
        ...change.watchers.map(({ displayName }) => ({
          label: 'Watcher added',
          value: displayName,
          argument: 'watchers',
        })),
      ],
      warnings: change.values.warnings,
      duplicates: [],
      linkHosts: change.linkHosts,
      mentions: change.mentions,
    };
  },
  run: async (input, context) => {
    const { connection } = context;
    const { api, key, wholes, values, watchers } = await compose(input, context);
    const url = connection.issueUrl(key);
    // Setting the same values twice is harmless, and so is watching.
    const once = async (name: string, send: () => Promise<void>) => {
      await connection.paceWrites(key, context);
      const result = z.object({});
      const done = () => send().then(() => ({}));
      await context.effect({ name, result, send: done, find: 'repeatable', whereToLook: `Look at ${url}.` });
    };
    const names = Object.keys(values.fields);
    const undo = names.length === 0 ? undefined : await editWithUndo(key, values.fields, once, context);
    await attachWholes(key, wholes, context);
    for (const { id } of watchers) await once(`watch ${id}`, () => api.addWatcher(key, id));
    const said = `Updated ${[...names, ...(watchers.length > 0 ? ['watchers'] : [])].join(', ')} of ${key}: ${url}`;
    return written({ key, url, said, warnings: values.warnings, more: undo === undefined ? {} : { undo } });
  },
});

/** @returns the old values, and what tells whether the new ones are still there; undefined if that is not known. */
async function editWithUndo(
  key: string,
  fields: Readonly<Record<string, unknown>>,
  once: (name: string, send: () => Promise<void>) => Promise<void>,
  context: Context,
) {
  const api = await context.connection.open(context);
  const names = Object.keys(fields);
  const before = await settableValues(key, names, api);
  // After an interruption, the values may be those that were set before it.
  const { digest } = await context.effect({
    name: 'before',
    result: z.object({ digest: z.string() }),
    send: () => Promise.resolve({ digest: digestOf(before) }),
    find: 'repeatable',
    whereToLook: '',
  });
  await once('update', () => api.editIssue(key, fields));
  if (digest !== digestOf(before)) return undefined;
  try {
    return { before, after: digestsOf(await settableValues(key, names, api)) };
  } catch (error) {
    // The edit is made; only taking it back is not offered.
    context.log('warn', 'the edit cannot be undone', { error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

async function compose(input: Input, context: Context) {
  const { connection, redact } = context;
  const api = await connection.open(context);
  const description = redact(input.description ?? '');
  const current = ['summary', 'description', 'priority', 'labels', 'assignee', 'parent'];
  if (showsImage(description)) current.push('attachment');
  const { key, fields: before } = await requireIssue(input.issue_key, current, api, connection);
  const screen = await api.editFields(key);
  const people = await findMentioned(input.mentions ?? [], description, api);
  const kept = input.description === undefined ? undefined : before.description;
  const text = await convertWithImages(description, before.attachment, api, (markdown) =>
    api.text.fromMarkdown(markdown, 'description', { mentions: people, earlier: kept }),
  );
  const given = [
    ...argumentFields(input, before, screen, redact),
    ...givenFields(redactDeep(input.fields ?? {}, redact), screen, Object.keys(inputSchema.shape)),
  ];
  const values = await readValues(given, screen, {
    api,
    where: { issueKey: key },
    requireIssue: async (other) => (await requireIssue(other, [], api, connection)).key,
  });
  const watchers = [];
  for (const [index, person] of (input.watchers ?? []).entries())
    watchers.push(await findUser(redact(person), `watchers[${index}]`, api));
  const isEmpty = description.trim() === '' && isBlank(text.value);
  if (input.description !== undefined) values.fields['description'] = isEmpty ? null : text.value;
  values.warnings.push(...text.warnings);
  if (Object.keys(values.fields).length === 0 && watchers.length === 0)
    throw new ToolError(
      'invalid_arguments',
      'Nothing to update: give summary, description, priority, labels, assignee, parent, watchers or fields.',
    );
  const replaced = describeBefore(values, before, api.text.toMarkdown(before.description));
  const { linkHosts, mentions } = text;
  const wholes = [...wholesOf(text), ...values.wholes];
  return { api, key, before, description, wholes, values, watchers, replaced, linkHosts, mentions };
}

/** Whether a description would end up empty, without images. */
function isBlank(value: RichValue): boolean {
  return typeof value === 'string' ? value.trim() === '' : value.content.length === 0;
}

/** Arguments that set a field under another name. */
function argumentFields(
  input: Input,
  before: SystemFields,
  screen: readonly Field[],
  redact: (text: string) => string,
): GivenField[] {
  const { priority, labels, assignee, parent } = input;
  const { summary, whole } = fitSummary(redact(input.summary ?? ''));
  if (whole !== undefined) throw new ToolError('invalid_arguments', "'summary' must be at most 255 characters.");
  // Keeps the markers of tickets that we created.
  const marks = before.labels.filter((label) => ownLabel.test(label));
  const list: GivenField[] = [];
  if (input.summary !== undefined) list.push({ field: 'summary', value: summary, argument: 'summary' });
  if (priority !== undefined) list.push({ field: 'priority', value: priority, argument: 'priority' });
  if (labels !== undefined)
    list.push({ field: 'labels', value: [...fitLabels(labels, redact), ...marks], argument: 'labels' });
  if (assignee !== undefined)
    list.push({
      field: 'assignee',
      value: assignee.toLowerCase() === 'none' ? null : redact(assignee),
      argument: 'assignee',
    });
  if (parent !== undefined) {
    const epicLink = screen.find(({ schema }) => schema.custom?.endsWith(':gh-epic-link') === true);
    const field = screen.some(({ id }) => id === 'parent') ? 'parent' : (epicLink?.id ?? 'parent');
    list.push({ field, value: parent.toLowerCase() === 'none' ? null : parent, argument: 'parent' });
  }
  return list;
}

const longestBefore = 500;

/** The values to be replaced. */
function describeBefore(values: IssueValues, before: SystemFields, description: string) {
  const now: Readonly<Record<string, string>> = {
    summary: before.summary,
    description: description.length > longestBefore ? `${description.slice(0, longestBefore)}…` : description,
    priority: before.priority?.name ?? 'none',
    labels: before.labels.join(', ') || 'none',
    assignee: before.assignee?.displayName ?? 'nobody',
    parent: before.parent?.key ?? 'none',
  };
  return Object.keys(values.fields).flatMap((id) => {
    const value = now[id];
    return value === undefined || value === '' ? [] : [{ label: `${id} now`, value }];
  });
}
