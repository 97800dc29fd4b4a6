import { isObject } from './adf-schema.ts';
import { runJql } from './jql.ts';
import { Refusal, type Answer, type Issue, type User } from './model.ts';
import { boards, linkTypes, priorities, projects, sprints, users } from './seed.ts';
import { showAttachment, showComment, showField, showIssue, showProject, showUser, type Shower } from './show.ts';
import { editScreen, showStatus, type IssueStore } from './store.ts';
import { screenOf } from './validate.ts';

export interface Call {
  readonly method: string;
  /** Below `/rest/api/N`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw: Buffer;
  readonly body: unknown;
}

export interface Site {
  readonly store: IssueStore;
  readonly shower: Shower;
  readonly account: User;
}

type Handler = (call: Call, site: Site, part: (index: number) => string) => Answer | Promise<Answer>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const done: Answer = { status: 204 };

/** Method, path (`*` for one segment), and handler. */
const routes: readonly (readonly [method: string, path: string, handler: Handler])[] = [
  ['GET', '/myself', (_, site) => ok(showUser(site.account, site.shower))],
  ['GET', '/user', readUser],
  ['GET', '/priority', () => ok(priorities)],
  ['GET', '/priority/search', () => ok({ values: priorities, isLast: true, startAt: 0, maxResults: 50, total: 5 })],
  ['GET', '/issueLinkType', () => ok({ issueLinkTypes: linkTypes })],
  ['POST', '/issue', createIssue],
  ['GET', '/issue/*', (call, site, part) => ok(readIssue(call, site, part(0)))],
  ['PUT', '/issue/*', editIssue],
  ['DELETE', '/issue/*', (_, { store }, part) => (store.remove(store.find(part(0))), done)],
  ['GET', '/issue/*/comment/*', readComment],
  ['DELETE', '/issue/*/comment/*', (_, { store }, part) => (store.uncomment(store.find(part(0)), part(1)), done)],
  ['DELETE', '/issueLink/*', (_, { store }, part) => (store.unlink(part(0)), done)],
  ['DELETE', '/attachment/*', (_, { store }, part) => (store.detach(part(0)), done)],
  ['GET', '/mypermissions', (_, { store }) => ok(showPermissions(store))],
  ['GET', '/issue/*/editmeta', editMeta],
  ['GET', '/issue/*/properties/*', readProperty],
  ['GET', '/issue/*/transitions', readTransitions],
  ['POST', '/issue/*/transitions', (call, { store }, part) => (store.transition(store.find(part(0)), call.body), done)],
  ['GET', '/issue/*/comment', readComments],
  ['POST', '/issue/*/comment', addComment],
  ['POST', '/issue/*/attachments', attach],
  ['GET', '/attachment/content/*', readAttachment],
  ['GET', '/issue/*/watchers', readWatchers],
  ['POST', '/issue/*/watchers', (call, { store }, part) => (store.watch(store.find(part(0)), call.body), done)],
  ['GET', '/agile/1.0/board', listBoards],
  ['GET', '/agile/1.0/board/*/sprint', listSprints],
  ['POST', '/issueLink', (call, { store }) => (store.link(call.body), { status: 201 })],
  ['GET', '/issue/createmeta/*/issuetypes', issueTypes],
  ['GET', '/issue/createmeta/*/issuetypes/*', createFields],
  ['GET', '/user/search', findUsers],
  ['GET', '/user/assignable/search', findUsers],
  ['GET', '/project/search', searchProjects],
  ['GET', '/project', (_, { shower }) => ok(visibleProjects().map((project) => showProject(project, shower)))],
  ['GET', '/search', oldSearch],
  ['POST', '/search', oldSearch],
  ['GET', '/search/jql', newSearch],
  ['POST', '/search/jql', newSearch],
];

export async function route(call: Call, site: Site): Promise<Answer> {
  const path = call.path.split('/').slice(1);
  let known = false;
  for (const [method, pattern, handler] of routes) {
    const wanted = pattern.split('/').slice(1);
    if (wanted.length !== path.length || !wanted.every((part, index) => part === '*' || part === path[index])) continue;
    known = true;
    if (method !== call.method) continue;
    const parts = path.filter((_, index) => wanted[index] === '*').map(decodeURIComponent);
    return await handler(call, site, (index) => parts[index] ?? '');
  }
  return known
    ? { status: 405 }
    : { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Oops, you&#39;ve found a dead link.</h1>' };
}

function createIssue(call: Call, { store, shower }: Site): Answer {
  const { id, key } = store.create(call.body);
  return { status: 201, body: { id, key, self: `${shower.url}${shower.api}/issue/${id}` } };
}

function readIssue(call: Call, { store, shower }: Site, key: string): Record<string, unknown> {
  const issue = store.find(key);
  const wanted = list(call.query.get('fields') ?? '*all');
  const shown = withProperties(showIssue(issue, wanted, shower), issue, list(call.query.get('properties') ?? ''));
  if (!list(call.query.get('expand') ?? '').includes('names')) return shown;
  const names = editScreen(store, issue).map(({ fieldId, name }) => [fieldId, name] as const);
  return { ...shown, names: Object.fromEntries(names) };
}

function withProperties(
  shown: Record<string, unknown>,
  issue: Issue,
  wanted: readonly string[],
): Record<string, unknown> {
  const kept = Object.entries(issue.properties).filter(([name]) => wanted.includes(name) || wanted.includes('*all'));
  return kept.length === 0 ? shown : { ...shown, properties: Object.fromEntries(kept) };
}

function editIssue(call: Call, { store }: Site, part: (index: number) => string): Answer {
  store.edit(store.find(part(0)), call.body);
  return done;
}

function editMeta(_: Call, { store }: Site, part: (index: number) => string): Answer {
  const fields = editScreen(store, store.find(part(0))).map((rule) => [rule.fieldId, showField(rule)] as const);
  return ok({ fields: Object.fromEntries(fields) });
}

function readProperty(_: Call, { store }: Site, part: (index: number) => string): Answer {
  const value = store.find(part(0)).properties[part(1)];
  if (value === undefined) throw new Refusal(404, [`The property with key '${part(1)}' does not exist.`]);
  return ok({ key: part(1), value });
}

function readTransitions(_: Call, { store }: Site, part: (index: number) => string): Answer {
  const transitions = store.transitionsOf(store.find(part(0))).map(({ id, name, to, fields }) => ({
    id,
    name,
    to: showStatus(to),
    isAvailable: true,
    hasScreen: fields !== undefined,
    fields: Object.fromEntries((fields ?? []).map((rule) => [rule.fieldId, showField(rule)])),
  }));
  return ok({ expand: 'transitions', transitions });
}

function readComments(call: Call, { store, shower }: Site, part: (index: number) => string): Answer {
  const issue = store.find(part(0));
  const newestFirst = call.query.get('orderBy') === '-created';
  const ordered = newestFirst ? issue.comments.toReversed() : issue.comments;
  const { startAt, maxResults } = page(call.query, 50);
  const withProperties = list(call.query.get('expand') ?? '').includes('properties');
  const comments = ordered
    .slice(startAt, startAt + maxResults)
    .map((comment) => showComment(comment, issue, shower, withProperties));
  return ok({ startAt, maxResults, total: issue.comments.length, comments });
}

function readComment(_: Call, { store, shower }: Site, part: (index: number) => string): Answer {
  const issue = store.find(part(0));
  return ok(showComment(store.findComment(issue, part(1)), issue, shower, false));
}

function showPermissions({ mayDelete }: IssueStore) {
  const key = 'DELETE_ISSUES';
  return { permissions: { [key]: { id: '16', key, name: 'Delete Issues', havePermission: mayDelete } } };
}

/** Cloud redirects to the media host unless told not to. */
function readAttachment(call: Call, { store, shower }: Site, part: (index: number) => string): Answer {
  const found = store.attachment(part(0));
  if (shower.flavour === 'cloud' && call.query.get('redirect') !== 'false')
    return { status: 303, headers: { location: `https://api.media.example/file/${found.mediaId}/binary?token=x` } };
  return { status: 200, headers: { 'content-type': found.mimeType }, body: found.content };
}

function readWatchers(_: Call, { store, shower }: Site, part: (index: number) => string): Answer {
  const { watchers } = store.find(part(0));
  return ok({
    isWatching: false,
    watchCount: watchers.length,
    watchers: watchers.map((user) => showUser(user, shower)),
  });
}

function listBoards(call: Call): Answer {
  const wanted = boards.filter(({ project }) => project === call.query.get('projectKeyOrId'));
  return ok({ values: wanted, isLast: true, startAt: 0, maxResults: 50, total: wanted.length });
}

function listSprints(call: Call, _: Site, part: (index: number) => string): Answer {
  if (boards.find(({ id }) => String(id) === part(0))?.type !== 'scrum')
    throw new Refusal(400, ['The board does not support sprints']);
  const states = list(call.query.get('state') ?? 'active,future,closed');
  return ok({
    values: sprints.filter(({ state }) => states.includes(state)),
    isLast: true,
    startAt: 0,
    maxResults: 50,
  });
}

function addComment(call: Call, { store, shower }: Site, part: (index: number) => string): Answer {
  const issue = store.find(part(0));
  return { status: 201, body: showComment(store.comment(issue, call.body), issue, shower, false) };
}

async function attach(call: Call, { store, shower }: Site, part: (index: number) => string): Promise<Answer> {
  if (call.headers['x-atlassian-token'] !== 'no-check') return { status: 403, body: 'XSRF check failed' };
  const issue = store.find(part(0));
  const type = String(call.headers['content-type']);
  const form = await new Response(new Uint8Array(call.raw), { headers: { 'content-type': type } }).formData();
  const shown: Record<string, unknown>[] = [];
  for (const file of form.getAll('file')) {
    if (typeof file === 'string') throw new Refusal(400, ['The part file is not a file.']);
    const content = Buffer.from(await file.arrayBuffer());
    shown.push(showAttachment(store.attach(issue, { filename: file.name, mimeType: file.type, content }), shower));
  }
  if (shown.length === 0) throw new Refusal(400, ['No file was attached: the part must be named file.']);
  return ok(shown);
}

function issueTypes(call: Call, { shower }: Site, part: (index: number) => string): Answer {
  const { startAt, maxResults } = page(call.query, 50);
  const all = visibleProject(part(0)).issueTypes;
  const types = all
    .slice(startAt, startAt + maxResults)
    .map((type) => ({ ...type, self: shower.url, description: '' }));
  const rest = { startAt, maxResults, total: all.length };
  return ok(shower.flavour === 'cloud' ? { issueTypes: types, ...rest } : { values: types, ...rest, isLast: true });
}

function createFields(call: Call, { shower }: Site, part: (index: number) => string): Answer {
  const project = visibleProject(part(0));
  const type = project.issueTypes.find(({ id }) => id === part(1));
  if (type === undefined) throw new Refusal(404, ['Issue type not found.']);
  const { startAt, maxResults } = page(call.query, 50);
  const all = screenOf(project, type.name);
  const fields = all.slice(startAt, startAt + maxResults).map(showField);
  const rest = { startAt, maxResults, total: all.length };
  return ok(
    shower.flavour === 'cloud'
      ? { fields, ...rest }
      : { values: fields, ...rest, isLast: startAt + maxResults >= all.length },
  );
}

function readUser(call: Call, { shower }: Site): Answer {
  const id = call.query.get(shower.flavour === 'cloud' ? 'accountId' : 'username');
  const user = users.find(({ accountId, name }) => id === (shower.flavour === 'cloud' ? accountId : name));
  if (user === undefined)
    throw new Refusal(404, [`Specified user does not exist or you do not have required permissions`]);
  return ok(showUser(user, shower));
}

function findUsers(call: Call, { shower }: Site): Answer {
  const id = shower.flavour === 'cloud' ? call.query.get('accountId') : null;
  if (id !== null)
    return ok(users.filter((user) => user.active && user.accountId === id).map((user) => showUser(user, shower)));
  const query = call.query.get(shower.flavour === 'cloud' ? 'query' : 'username');
  if (query === null) throw new Refusal(400, ['The username query parameter was not provided']);
  const wanted = query.toLowerCase();
  const found = users.filter(
    ({ active, displayName, emailAddress, name }) =>
      active &&
      [displayName, emailAddress, name].some(
        (text) =>
          text
            .toLowerCase()
            .split(/[\s]/)
            .some((word) => word.startsWith(wanted)) || text.toLowerCase().startsWith(wanted),
      ),
  );
  const { startAt, maxResults } = page(call.query, 50);
  return ok(found.slice(startAt, startAt + maxResults).map((user) => showUser(user, shower)));
}

function searchProjects(call: Call, { shower }: Site): Answer {
  const wanted = (call.query.get('query') ?? '').toLowerCase();
  const found = visibleProjects().filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted));
  const { startAt, maxResults } = page(call.query, 50);
  const values = found.slice(startAt, startAt + maxResults).map((project) => showProject(project, shower));
  return ok({ startAt, maxResults, total: found.length, isLast: startAt + maxResults >= found.length, values });
}

function oldSearch(call: Call, site: Site): Answer {
  if (site.shower.flavour === 'cloud')
    throw new Refusal(410, [
      'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
    ]);
  const input = searchInput(call);
  const found = search(site, input.jql);
  const issues = found.slice(input.startAt, input.startAt + input.maxResults);
  const shown = issues.map((issue) =>
    showIssue(issue, input.fields.length === 0 ? ['*navigable'] : input.fields, site.shower),
  );
  return ok({ startAt: input.startAt, maxResults: input.maxResults, total: found.length, issues: shown });
}

/** No total and no startAt. The last page has no token. Without `fields`, an issue is only its id. */
function newSearch(call: Call, site: Site): Answer {
  const input = searchInput(call);
  const found = search(site, input.jql);
  const from = readPageToken(input.token, input.jql);
  const issues = found.slice(from, from + input.maxResults);
  const isLast = from + input.maxResults >= found.length;
  const next = Buffer.from(JSON.stringify({ jql: input.jql, from: from + input.maxResults })).toString('base64url');
  return ok({
    issues: issues.map((issue) => withProperties(showIssue(issue, input.fields, site.shower), issue, input.properties)),
    isLast,
    ...(!isLast && { nextPageToken: next }),
  });
}

function search({ store, account, shower }: Site, jql: string) {
  if (shower.flavour === 'data-center' && jql.trim() === '') return store.indexed();
  return runJql(jql, store.indexed(), { account });
}

function readPageToken(token: string | undefined, jql: string): number {
  if (token === undefined) return 0;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isObject(read) && read['jql'] === jql) return Number(read['from']);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(400, ['Invalid nextPageToken.']);
}

function searchInput(call: Call) {
  const given = isObject(call.body) ? call.body : Object.fromEntries(call.query);
  if (given['expand'] !== undefined && typeof given['expand'] !== 'string')
    throw new Refusal(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
  const fields = given['fields'];
  return {
    jql: typeof given['jql'] === 'string' ? given['jql'] : '',
    fields: Array.isArray(fields) ? fields.map(String) : list(typeof fields === 'string' ? fields : ''),
    maxResults: Math.min(Number(given['maxResults'] ?? 50), 5000),
    startAt: Number(given['startAt'] ?? 0),
    properties: Array.isArray(given['properties']) ? given['properties'].map(String) : [],
    token: typeof given['nextPageToken'] === 'string' ? given['nextPageToken'] : undefined,
  };
}

function visibleProjects() {
  return projects.filter(({ visible }) => visible);
}

function visibleProject(key: string) {
  const project = visibleProjects().find((project) => project.key === key || project.id === key);
  if (project === undefined) throw new Refusal(404, [`No project could be found with key '${key}'.`]);
  return project;
}

function list(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

function page(query: URLSearchParams, size: number) {
  return { startAt: Number(query.get('startAt') ?? 0), maxResults: Number(query.get('maxResults') ?? size) };
}
