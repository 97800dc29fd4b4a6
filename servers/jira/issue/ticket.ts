import { ToolError } from '../../kit/errors.ts';
import { recordLabel } from '../client/record-label.ts';
import { signatureOf } from '../../kit/caller/caller.ts';
import type { ToolContext } from '../../kit/define-tool.ts';
import type { Effects } from '../adf/document.ts';
import type { ConvertedText, JiraApi, WholeText } from '../client/jira-api.ts';
import type { Field, IssueType } from '../client/response-schemas.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { createInput, type CreateInput } from './create-input.ts';
import { fingerprintOf, withLabel } from './fingerprint.ts';
import { requireIssueType } from './issue-type.ts';
import { wholesOf } from './attach-whole.ts';
import { findMentioned } from './people.ts';
import { redactDeep } from '../../contract/redact.ts';
import { fitLabels, fitSummary } from './summary.ts';
import { givenFields, readValues, requireComplete, type GivenField } from './values.ts';

/** A ticket to create: validated and converted, so that Jira should have nothing to reject. */
export interface Ticket extends Effects {
  readonly api: JiraApi;
  readonly connection: JiraConnection;
  readonly projectKey: string;
  readonly issueType: IssueType;
  readonly summary: string;
  /** Markdown as it will be shown. */
  readonly description: string;
  /** The value sent to Jira. */
  readonly text: ConvertedText;
  readonly fields: Record<string, unknown>;
  readonly shown: { label: string; value: string; argument: string }[];
  readonly warnings: string[];
  /** Texts that did not fit into their fields. */
  readonly wholes: readonly WholeText[];
  /** Whether the create screen has labels. They carry the marker for finding the ticket again. */
  readonly takesLabels: boolean;
  /** The label for finding tickets about the same incident. */
  readonly fingerprint: string | undefined;
}

/** @throws ToolError for whatever Jira would reject, because a rejected create wastes an issue number. */
export async function composeTicket(input: CreateInput, context: ToolContext<JiraConnection>): Promise<Ticket> {
  const { connection, redact } = context;
  connection.requireProject(input.project_key);
  const api = await connection.open(context);
  const issueType = await requireIssueType(input.project_key, input.issue_type, api, connection);
  const screen = await connection.createFields(api, input.project_key, issueType.id);
  const { summary, whole } = fitSummary(redact(input.summary));
  const written = redact(input.description ?? '');
  const description = whole === undefined ? written : `${escapeMarkdown(whole)}\n\n${written}`;
  const warnings =
    whole === undefined
      ? []
      : ['The summary is over 255 characters. It was cut, and the description starts with the full summary.'];
  const mentions = await findMentioned(input.mentions ?? [], description, api);
  const hasDescription = screen.some(({ id }) => id === 'description');
  const signature = hasDescription ? signatureOf('Filed', context.call.onBehalfOf, description) : undefined;
  if (!hasDescription && context.call.onBehalfOf !== undefined)
    warnings.push(`The issue has no description that could name ${context.call.onBehalfOf}.`);
  const record = hasDescription ? recordOf(context) : undefined;
  const text = api.text.fromMarkdown(description, 'description', { mentions, signature, record });
  const given = [
    ...argumentFields(input, screen, redact),
    ...givenFields(redactDeep(input.fields ?? {}, redact), screen, Object.keys(createInput.shape)),
  ];
  const values = await readValues(given, screen, {
    api,
    where: { projectKey: input.project_key },
    requireIssue: async (key) => (await requireIssue(key, [], api, connection)).key,
  });
  const fields = {
    project: { key: input.project_key },
    issuetype: { id: issueType.id },
    summary,
    ...((description.trim() !== '' || signature !== undefined || record !== undefined) &&
      onScreen('description', screen, text.value)),
    ...values.fields,
  };
  requireComplete(fields, screen);
  const takesLabels = screen.some(({ id }) => id === 'labels');
  const fingerprint = takesLabels ? fingerprintOf(input.project_key, issueType.id, summary) : undefined;
  return {
    api,
    connection,
    projectKey: input.project_key,
    issueType,
    summary,
    description: withEnding(description, signature, record),
    text,
    fields: fingerprint === undefined ? fields : withLabel(fields, fingerprint),
    shown: values.shown,
    warnings: [...warnings, ...text.warnings, ...values.warnings],
    wholes: [...wholesOf(text), ...values.wholes],
    takesLabels,
    fingerprint,
    linkHosts: text.linkHosts,
    mentions: text.mentions,
  };
}

/** As the ticket will show it. */
function withEnding(description: string, signature: string | undefined, record: string | undefined): string {
  const signed = signature === undefined ? [] : [`*${escapeMarkdown(signature)}*`];
  const linked = record === undefined ? [] : [`[${recordLabel}](<${record}>)`];
  return [description, ...signed, ...linked].join('\n\n').trimStart();
}

/** The page of the run that files this, if there is one. */
function recordOf({ connection, call }: ToolContext<JiraConnection>): string | undefined {
  const { recordsUrl } = connection.settings;
  const session = call.run?.session ?? '';
  return recordsUrl === undefined || session === '' ? undefined : `${recordsUrl}${encodeURIComponent(session)}`;
}

/** Arguments that set a field under another name. */
function argumentFields(input: CreateInput, screen: readonly Field[], redact: (text: string) => string): GivenField[] {
  const labels = fitLabels(input.labels ?? [], redact);
  return [
    ...(input.priority === undefined ? [] : [{ field: 'priority', value: input.priority, argument: 'priority' }]),
    ...(labels.length === 0 ? [] : [{ field: 'labels', value: labels, argument: 'labels' }]),
    ...(input.assignee === undefined
      ? []
      : [{ field: 'assignee', value: redact(input.assignee), argument: 'assignee' }]),
    ...(input.parent === undefined ? [] : [{ field: 'parent', value: input.parent, argument: 'parent' }]),
  ].filter(({ field, argument }) => onScreen(field, screen, argument));
}

/** @throws ToolError when the screen lacks the field, because a requested value must not be dropped. */
function onScreen(id: string, screen: readonly Field[], value: unknown): Record<string, unknown> {
  if (screen.some((field) => field.id === id)) return { [id]: value };
  throw new ToolError(
    'invalid_arguments',
    `'${id}' cannot be set: the create screen of this issue type does not have it.`,
    {
      hint: `It has: ${screen.map(({ name }) => name).join(', ')}.`,
    },
  );
}

/** Plain text as Markdown that renders it literally. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#+\-.!|~:&]/g, '\\$&');
}
