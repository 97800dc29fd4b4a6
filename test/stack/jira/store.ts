import { randomUUID } from 'node:crypto';
import { isObject } from './adf-schema.ts';
import {
  fieldsOf,
  Refusal,
  type Attachment,
  type Comment,
  type FieldRule,
  type Issue,
  type LinkType,
  type Project,
  type User,
} from './model.ts';
import { linkTypes, priorities, projects, statuses, transitions, users } from './seed.ts';
import { checkAdf, longestText, readFields, screenOf, type FieldContext } from './validate.ts';

interface StoreOptions {
  readonly richText: 'adf' | 'wiki';
  /** Milliseconds until the search index shows a change. */
  readonly lagMs: number;
  readonly account: User;
}

interface Snapshot {
  readonly visibleAt: number;
  readonly key: string;
  readonly issue: Issue;
}

/** Issues, their comments and files, and a search index that lags behind them. */
export class IssueStore {
  lagMs: number;
  /** Whether the account may delete issues. */
  mayDelete = false;
  readonly #options: StoreOptions;
  #issues: Issue[] = [];
  readonly #index = new Map<string, Issue>();
  readonly #numbers = new Map<string, number>();
  #pending: Snapshot[] = [];
  #nextId = 10_000;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.lagMs = options.lagMs;
  }

  all(): readonly Issue[] {
    return this.#issues;
  }

  /** What the search index shows now; changes younger than the lag are not in it yet. */
  indexed(): Issue[] {
    const now = Date.now();
    for (const entry of this.#pending) if (entry.visibleAt <= now) this.#index.set(entry.issue.id, entry.issue);
    this.#pending = this.#pending.filter((entry) => entry.visibleAt > now);
    return [...this.#index.values()];
  }

  /** @throws Refusal 404, also for an issue that the account may not see: Jira does not tell the two apart. */
  find(idOrKey: string): Issue {
    const issue = this.#issues.find((issue) => issue.id === idOrKey || issue.key === idOrKey.toUpperCase());
    if (issue === undefined || !this.project(issue.projectKey).visible)
      throw new Refusal(404, ['Issue does not exist or you do not have permission to see it.']);
    return issue;
  }

  /** Keys of the sub-tasks of an issue. */
  childrenOf(key: string): string[] {
    return this.#issues
      .filter(({ fields }) => isObject(fields['parent']) && fields['parent']['key'] === key)
      .filter(({ fields }) => isObject(fields['issuetype']) && fields['issuetype']['subtask'] === true)
      .map((issue) => issue.key);
  }

  project(key: string): Project {
    const project = projects.find((project) => project.key === key || project.id === key);
    if (project === undefined) throw new Refusal(404, [`No project could be found with key '${key}'.`]);
    return project;
  }

  /** A failed create has taken its number all the same, as on Jira Cloud. */
  create(body: unknown): Issue {
    const fields = fieldsOf(body);
    const project = this.#wantedProject(fields['project']);
    const number = (this.#numbers.get(project.key) ?? 0) + 1;
    this.#numbers.set(project.key, number);
    const type = wantedType(project, fields['issuetype']);
    const values = readFields(fields, screenOf(project, type.name), this.#context(), false);
    const now = new Date().toISOString();
    const issue: Issue = {
      id: this.#id(),
      key: `${project.key}-${number}`,
      projectKey: project.key,
      fields: {
        priority: priorities[2],
        labels: [],
        ...values,
        issuetype: type,
        status: showStatus('To Do'),
        creator: this.#options.account,
        reporter: this.#options.account,
        created: now,
        updated: now,
      },
      comments: [],
      attachments: [],
      links: [],
      properties: readProperties(body),
      watchers: [],
    };
    this.#issues.push(issue);
    this.#changed(issue);
    return issue;
  }

  edit(issue: Issue, body: unknown): void {
    const screen = screenOf(this.project(issue.projectKey), typeName(issue));
    Object.assign(issue.fields, readFields(fieldsOf(body), screen, this.#context(), true));
    this.#changed(issue);
  }

  transitionsOf(issue: Issue) {
    const status = isObject(issue.fields['status']) ? String(issue.fields['status']['name']) : '';
    return transitions.filter(
      ({ from, only }) => from.includes(status) && (only === undefined || only === issue.projectKey),
    );
  }

  transition(issue: Issue, body: unknown): void {
    const wanted = isObject(body) && isObject(body['transition']) ? String(body['transition']['id']) : undefined;
    const transition = this.transitionsOf(issue).find(({ id }) => id === wanted);
    if (transition === undefined)
      throw new Refusal(400, [`It is not possible to transition this issue: transition id '${wanted}' is not valid.`]);
    const values = readFields(fieldsOf(body), transition.fields ?? [], this.#context(), false);
    for (const added of addedComments(body)) this.comment(issue, added);
    Object.assign(issue.fields, values, { status: showStatus(transition.to) });
    this.#changed(issue);
  }

  comment(issue: Issue, body: unknown): Comment {
    const text = isObject(body) ? body['body'] : undefined;
    if (this.#options.richText === 'adf') checkAdf(text, 'Comment body is not valid!');
    else if (typeof text !== 'string' || text === '')
      throw new Refusal(400, [], { comment: 'Comment body can not be empty!' });
    else if (text.length > longestText)
      throw new Refusal(400, [], {
        comment: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.',
      });
    const properties = isObject(body) && Array.isArray(body['properties']) ? body['properties'] : [];
    const comment: Comment = {
      id: this.#id(),
      author: this.#options.account,
      body: text,
      created: new Date().toISOString(),
      properties: properties.filter(isObject).map(({ key, value }) => ({ key: String(key), value })),
    };
    issue.comments.push(comment);
    this.#changed(issue);
    return comment;
  }

  /** @throws Refusal 404 */
  findComment(issue: Issue, id: string): Comment {
    const found = issue.comments.find((comment) => comment.id === id);
    if (found === undefined) throw new Refusal(404, [`Can not find a comment for the id: ${id}.`]);
    return found;
  }

  uncomment(issue: Issue, id: string): void {
    issue.comments.splice(issue.comments.indexOf(this.findComment(issue, id)), 1);
    this.#changed(issue);
  }

  /** @throws Refusal 403 */
  remove(issue: Issue): void {
    if (!this.mayDelete) throw new Refusal(403, ['You do not have permission to delete issues in this project.']);
    this.#issues = this.#issues.filter((each) => each !== issue);
    this.#index.delete(issue.id);
    this.#pending = this.#pending.filter((entry) => entry.issue.id !== issue.id);
  }

  watch(issue: Issue, id: unknown): void {
    const user = users.find(({ accountId, name }) => id === (this.#options.richText === 'adf' ? accountId : name));
    if (user === undefined) throw new Refusal(404, [`The user with account ID ${String(id)} does not exist.`]);
    if (!issue.watchers.includes(user)) issue.watchers.push(user);
  }

  attach(issue: Issue, file: { filename: string; mimeType: string; content: Buffer }) {
    const mediaId = randomUUID();
    const attachment = {
      id: this.#id(),
      mediaId,
      ...file,
      author: this.#options.account,
      created: new Date().toISOString(),
    };
    issue.attachments.push(attachment);
    this.#changed(issue);
    return attachment;
  }

  /** @throws Refusal 404 */
  attachment(id: string): Attachment {
    const found = this.#issues.flatMap(({ attachments }) => attachments).find((attachment) => attachment.id === id);
    if (found === undefined) throw new Refusal(404, [`The attachment with id '${id}' does not exist`]);
    return found;
  }

  detach(id: string): void {
    const found = this.attachment(id);
    for (const { attachments } of this.#issues)
      if (attachments.includes(found)) attachments.splice(attachments.indexOf(found), 1);
  }

  unlink(id: string): void {
    const holders = this.#issues.filter(({ links }) => links.some((link) => link.id === id));
    if (holders.length === 0) throw new Refusal(404, [`No issue link with id '${id}' exists.`]);
    for (const { links } of holders)
      links.splice(
        links.findIndex((link) => link.id === id),
        1,
      );
  }

  link(body: unknown): void {
    const part = (name: string) => (isObject(body) && isObject(body[name]) ? body[name] : {});
    const type = this.#linkType(part('type'));
    const inward = this.find(String(part('inwardIssue')['key']));
    const outward = this.find(String(part('outwardIssue')['key']));
    const link = { id: this.#id(), type, inward: inward.key, outward: outward.key };
    inward.links.push(link);
    if (outward !== inward) outward.links.push(link);
  }

  /** As when somebody moves an issue: the old key keeps leading to it. */
  move(key: string, projectKey: string): string {
    const issue = this.find(key);
    const number = (this.#numbers.get(projectKey) ?? 0) + 1;
    this.#numbers.set(projectKey, number);
    issue.projectKey = projectKey;
    this.#changed(issue);
    return `${projectKey}-${number}`;
  }

  #linkType(wanted: Record<string, unknown>): LinkType {
    const type = linkTypes.find((type) => type.name === wanted['name'] || type.id === wanted['id']);
    if (type === undefined) throw new Refusal(404, [`No issue link type with name '${String(wanted['name'])}' found.`]);
    return type;
  }

  #wantedProject(value: unknown): Project {
    const wanted = isObject(value) ? String(value['key'] ?? value['id']) : '';
    const project = projects.find((project) => project.key === wanted || project.id === wanted);
    if (project === undefined || !project.visible) throw new Refusal(400, [], { project: 'valid project is required' });
    return project;
  }

  #context(): FieldContext {
    return {
      richText: this.#options.richText,
      users,
      parentExists: (key) => this.#issues.some((issue) => issue.key === key),
    };
  }

  #changed(issue: Issue): void {
    issue.fields['updated'] = new Date().toISOString();
    const snapshot = { ...issue, fields: structuredClone(issue.fields) };
    this.#pending.push({ visibleAt: Date.now() + this.lagMs, key: issue.key, issue: snapshot });
  }

  #id(): string {
    this.#nextId += 1;
    return String(this.#nextId);
  }
}

export function typeName(issue: Issue): string {
  return isObject(issue.fields['issuetype']) ? String(issue.fields['issuetype']['name']) : '';
}

/** The edit screen of an issue: the create screen without what cannot be edited. */
export function editScreen(store: IssueStore, issue: Issue): FieldRule[] {
  return screenOf(store.project(issue.projectKey), typeName(issue)).filter(({ fieldId }) => fieldId !== 'project');
}

function wantedType(project: Project, value: unknown) {
  const wanted = isObject(value) ? String(value['id'] ?? value['name']) : '';
  const type = project.issueTypes.find((type) => type.id === wanted || type.name === wanted);
  if (type === undefined) throw new Refusal(400, [], { issuetype: 'Specify a valid issue type' });
  return type;
}

export function showStatus(name: string) {
  const status = statuses.find((status) => status.name === name);
  if (status === undefined) throw new Error(`no status ${name}`);
  const names = { new: 'To Do', indeterminate: 'In Progress', done: 'Done' } as const;
  return {
    id: status.id,
    name: status.name,
    statusCategory: { key: status.category, name: names[status.category] },
  };
}

/** `update.comment[].add` of a transition. */
function addedComments(body: unknown): unknown[] {
  const update = isObject(body) && isObject(body['update']) ? body['update']['comment'] : undefined;
  return Array.isArray(update) ? update.map((entry) => (isObject(entry) ? entry['add'] : undefined)) : [];
}

function readProperties(body: unknown): Record<string, unknown> {
  const list = isObject(body) && Array.isArray(body['properties']) ? body['properties'] : [];
  return Object.fromEntries(list.filter(isObject).map(({ key, value }) => [String(key), value]));
}
