import { isObject } from './adf-schema.ts';
import type { Attachment, Comment, FieldRule, Issue, Link, Project, User } from './model.ts';

/** The differences between what Cloud (`/rest/api/3`) and Data Center (`/rest/api/2`) show. */
export type Flavour = 'cloud' | 'data-center';

export interface Shower {
  readonly url: string;
  readonly flavour: Flavour;
  readonly api: string;
  readonly project: (key: string) => Project;
  readonly find: (key: string) => Issue | undefined;
  /** Keys of the sub-tasks of an issue. */
  readonly children: (key: string) => string[];
}

export function showUser(user: User, shower: Shower): Record<string, unknown> {
  const { accountId, name, displayName, emailAddress, active } = user;
  return shower.flavour === 'cloud'
    ? {
        self: `${shower.url}${shower.api}/user?accountId=${accountId}`,
        accountId,
        accountType: 'atlassian',
        displayName,
        emailAddress,
        active,
      }
    : {
        self: `${shower.url}${shower.api}/user?username=${name}`,
        name,
        key: `JIRAUSER${accountId.slice(-4)}`,
        displayName,
        emailAddress,
        active,
      };
}

export function showProject(project: Project, shower: Shower): Record<string, unknown> {
  const { id, key, name } = project;
  return {
    self: `${shower.url}${shower.api}/project/${id}`,
    id,
    key,
    name,
    projectTypeKey: project.isService === true ? 'service_desk' : 'software',
    simplified: false,
  };
}

export function showComment(comment: Comment, issue: Issue, shower: Shower, withProperties: boolean) {
  return {
    self: `${shower.url}${shower.api}/issue/${issue.id}/comment/${comment.id}`,
    id: comment.id,
    author: showUser(comment.author, shower),
    updateAuthor: showUser(comment.author, shower),
    body: comment.body,
    created: comment.created.replace('Z', '+0000'),
    updated: comment.created.replace('Z', '+0000'),
    ...(shower.project(issue.projectKey).isService === true && { jsdPublic: !isInternal(comment) }),
    ...(withProperties && { properties: comment.properties }),
  };
}

function isInternal({ properties }: Comment): boolean {
  const kept = properties.find(({ key }) => key === 'sd.public.comment')?.value;
  return isObject(kept) && kept['internal'] === true;
}

export function showAttachment(attachment: Attachment, shower: Shower): Record<string, unknown> {
  const { id, filename, author, created, content, mimeType } = attachment;
  return {
    self: `${shower.url}${shower.api}/attachment/${id}`,
    id,
    filename,
    author: showUser(author, shower),
    created: created.replace('Z', '+0000'),
    size: content.length,
    mimeType,
    content: `${shower.url}${shower.api}/attachment/content/${id}`,
  };
}

function showLinked(key: string, shower: Shower): Record<string, unknown> {
  const issue = shower.find(key);
  const { summary, status, priority, issuetype } = issue?.fields ?? {};
  return {
    id: issue?.id,
    key,
    self: `${shower.url}${shower.api}/issue/${issue?.id}`,
    fields: { summary, status, priority, issuetype },
  };
}

function showLink(link: Link, issue: Issue, shower: Shower): Record<string, unknown> {
  // Shows the other end: the inward issue sees the outward one.
  const other =
    link.inward === issue.key
      ? { outwardIssue: showLinked(link.outward, shower) }
      : { inwardIssue: showLinked(link.inward, shower) };
  return { id: link.id, type: link.type, ...other };
}

/** @param wanted names of fields, `*all` or `*navigable`; empty shows none, as the new search does. */
export function showIssue(issue: Issue, wanted: readonly string[], shower: Shower): Record<string, unknown> {
  const all: Record<string, unknown> = {
    description: null,
    assignee: null,
    resolution: null,
    parent: null,
    duedate: null,
    environment: null,
    ...issue.fields,
    watches: { watchCount: issue.watchers.length, isWatching: false },
    subtasks: shower.children(issue.key).map((key) => showLinked(key, shower)),
    project: showProject(shower.project(issue.projectKey), shower),
    comment: {
      comments: issue.comments.map((comment) => showComment(comment, issue, shower, false)),
      total: issue.comments.length,
      startAt: 0,
      maxResults: issue.comments.length,
    },
    attachment: issue.attachments.map((attachment) => showAttachment(attachment, shower)),
    issuelinks: issue.links.map((link) => showLink(link, issue, shower)),
  };
  for (const name of ['created', 'updated']) all[name] = String(all[name]).replace('Z', '+0000');
  for (const [name, value] of Object.entries(all)) if (isUser(value)) all[name] = showUser(value, shower);
  // Older versions of Data Center return a sprint as Java's toString.
  if (shower.flavour === 'data-center' && Array.isArray(all[sprintField]))
    all[sprintField] = all[sprintField].filter(isObject).map(printSprint);
  if (isObject(all['parent'])) all['parent'] = showLinked(String(all['parent']['key']), shower);
  const everything = wanted.includes('*all') || wanted.includes('*navigable');
  const without = new Set(wanted.filter((name) => name.startsWith('-')).map((name) => name.slice(1)));
  const fields = Object.fromEntries(
    Object.entries(all).filter(([name]) => !without.has(name) && (everything || wanted.includes(name))),
  );
  const shown = { id: issue.id, key: issue.key, self: `${shower.url}${shower.api}/issue/${issue.id}` };
  return wanted.length === 0 ? { id: issue.id } : { ...shown, fields };
}

const sprintField = 'customfield_10035';

function printSprint({ id, name, state }: Record<string, unknown>): string {
  return `com.atlassian.greenhopper.service.sprint.Sprint@1f39[id=${String(id)},rapidViewId=1,state=${String(state).toUpperCase()},name=${String(name)},startDate=<null>,goal=,sequence=${String(id)}]`;
}

function isUser(value: unknown): value is User {
  return isObject(value) && typeof value['accountId'] === 'string' && typeof value['displayName'] === 'string';
}

export function showField(rule: FieldRule): Record<string, unknown> {
  const { fieldId, name, required, schema, allowedValues } = rule;
  return {
    required,
    schema,
    name,
    key: fieldId,
    fieldId,
    hasDefaultValue: rule.hasDefaultValue ?? false,
    operations: ['set'],
    ...(allowedValues !== undefined && { allowedValues }),
  };
}
