import type { JiraApi } from '../client/jira-api.ts';
import { projectOfKey } from '../client/keys.ts';
import type { Comment, SystemFields, User } from '../client/response-schemas.ts';
import type { JiraConnection } from '../connection.ts';

/** Limits of what is shown. The issue page has the rest. */
const maxDescription = 20_000;
const maxComment = 4_000;
const maxSpecial = 20;

type LinkedIssue = NonNullable<SystemFields['parent']>;

/** The system fields of an issue as shown, without issues of other projects. */
export function showFields(fields: SystemFields, api: JiraApi, connection: JiraConnection) {
  const { parent, timetracking } = fields;
  return {
    summary: fields.summary,
    type: fields.issuetype?.name ?? null,
    status: fields.status?.name ?? null,
    priority: fields.priority?.name ?? null,
    resolution: fields.resolution?.name ?? null,
    assignee: fields.assignee?.displayName ?? null,
    reporter: fields.reporter?.displayName ?? null,
    labels: fields.labels,
    components: fields.components.map(({ name }) => name),
    affects_versions: fields.versions.map(({ name }) => name),
    fix_versions: fields.fixVersions.map(({ name }) => name),
    due_date: fields.duedate ?? null,
    original_estimate: timetracking?.originalEstimate ?? null,
    remaining_estimate: timetracking?.remainingEstimate ?? null,
    time_spent: timetracking?.timeSpent ?? null,
    security_level: fields.security?.name ?? null,
    created: fields.created,
    updated: fields.updated,
    parent: parent !== null && parent !== undefined && isVisible(parent.key, connection) ? parent.key : null,
    subtasks: fields.subtasks.filter(({ key }) => isVisible(key, connection)).map(showLinked),
    links: showLinks(fields, connection),
    attachments: fields.attachment.map(({ id, filename, size, mimeType }) => ({
      id,
      filename,
      size,
      media_type: mimeType,
    })),
    environment: cut(richText(fields.environment, api), maxComment),
    description: cut(api.text.toMarkdown(fields.description), maxDescription),
    warnings: warnOfSpecial(api.text.special(fields.description)),
  };
}

function warnOfSpecial(special: readonly string[]): string[] {
  if (special.length === 0) return [];
  const more = special.length > maxSpecial ? `; and ${special.length - maxSpecial} more` : '';
  const named = special.slice(0, maxSpecial).join('; ');
  return [
    `Markdown cannot represent all of the description: ${named}${more}. An update keeps it where its text is unchanged.`,
  ];
}

function richText(value: unknown, api: JiraApi): string {
  return api.text.toMarkdown(value) || (typeof value === 'string' ? value : '');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}… (${text.length - length} more characters)` : text;
}

/** Issues of other projects stay hidden even if an allowed issue refers to them. */
function isVisible(issueKey: string, connection: JiraConnection): boolean {
  return connection.isAllowed(projectOfKey(issueKey));
}

function showLinked({ key, fields }: LinkedIssue) {
  return { key, summary: fields.summary, status: fields.status?.name ?? null };
}

function showLinks(fields: SystemFields, connection: JiraConnection) {
  return fields.issuelinks.flatMap(({ type, inwardIssue, outwardIssue }) => {
    const other = outwardIssue ?? inwardIssue;
    if (other === undefined || !isVisible(other.key, connection)) return [];
    return [{ relation: outwardIssue === undefined ? type.inward : type.outward, ...showLinked(other) }];
  });
}

export function showComment({ id, author, created, body, jsdPublic, visibility }: Comment, api: JiraApi) {
  const audience = [
    ...(jsdPublic === false ? ['internal'] : []),
    ...(visibility === undefined || visibility === null ? [] : [`only ${visibility.type} ${visibility.value}`]),
  ];
  return {
    id,
    author: author?.displayName ?? 'somebody',
    created: created ?? '',
    ...(audience.length > 0 && { visible_to: audience.join(', ') }),
    body: cut(api.text.toMarkdown(body), maxComment),
  };
}

/** Ids of an issue's people by name, for mentions and assignees. Duplicate names are disambiguated. */
export function accountIds(people: readonly (User | null | undefined)[]): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const user of people) {
    if (user === undefined || user === null || user.id === '') continue;
    const { id, displayName } = user;
    const isOther = ids[displayName] !== undefined && ids[displayName] !== id;
    ids[isOther ? `${displayName} (${id})` : displayName] = id;
  }
  return ids;
}
