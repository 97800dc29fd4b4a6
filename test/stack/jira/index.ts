import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from '../listen.ts';
import { recordTraffic, type Traffic } from '../traffic.ts';
import {
  answerHalf,
  ConnectionReset,
  loginPage,
  Misbehaviours,
  readBody,
  type Misbehaviour,
  type Mischief,
} from './misbehaviour.ts';
import { asSeenBy, authorizationOf, type Colleague } from './colleagues.ts';
import { Refusal, type Answer, type Issue } from './model.ts';
import { renderBoard, renderIssue } from './page.ts';
import { route, type Site } from './routes.ts';
import { users } from './seed.ts';
import type { Flavour, Shower } from './show.ts';
import { IssueStore } from './store.ts';

export type { Misbehaviour } from './misbehaviour.ts';
export type { Issue } from './model.ts';

export interface JiraOptions {
  readonly flavour?: Flavour;
  readonly port?: number;
  /** Milliseconds until a search finds a change. Default: 0. */
  readonly lagMs?: number;
  readonly email?: string;
  /** API token on Cloud, personal access token on Data Center. */
  readonly token?: string;
  /** Further accounts, on Cloud. */
  readonly colleagues?: readonly Colleague[];
  /** Context path, as Data Center often has: "/jira". */
  readonly contextPath?: string;
}

export interface RecordedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A Jira on loopback. Default: Cloud. */
export interface JiraStandIn {
  readonly url: string;
  readonly email: string;
  readonly token: string;
  readonly browseUrl: (key: string) => string;
  readonly issues: () => readonly Issue[];
  readonly requests: () => readonly RecordedRequest[];
  /** Number of requests received and not answered yet. */
  readonly openRequests: () => number;
  readonly misbehave: (rule: Misbehaviour) => void;
  readonly behave: () => void;
  readonly setLag: (ms: number) => void;
  /** Whether the account may delete issues. It may not at first. */
  readonly letDelete: (may: boolean) => void;
  /** From now on, requests with the token are anonymous. */
  readonly expireToken: () => void;
  /** Revokes a colleague's token. */
  readonly withdraw: (token: string) => void;
  /** Moves an issue to another project. */
  readonly moveIssue: (key: string, projectKey: string) => void;
  /** @throws when a secret was sent anywhere but in its Authorization header. */
  readonly stop: () => Promise<void>;
}

export async function startJira(options: JiraOptions = {}): Promise<JiraStandIn> {
  const flavour = options.flavour ?? 'cloud';
  const email = options.email ?? 'bot@example.com';
  const token = options.token ?? 'jira-stand-in-token';
  const account = users[0];
  if (account === undefined) throw new Error('the seed has no users');
  const colleagues = options.colleagues ?? [];
  const store = new IssueStore({ richText: flavour === 'cloud' ? 'adf' : 'wiki', lagMs: options.lagMs ?? 0, account });
  const rules = new Misbehaviours();
  const recorded: RecordedRequest[] = [];
  const server = createServer();
  const contextPath = options.contextPath ?? '';
  const url = `http://127.0.0.1:${await listen(server, options.port)}${contextPath}`;
  const shower: Shower = {
    url,
    flavour,
    api: flavour === 'cloud' ? '/rest/api/3' : '/rest/api/2',
    project: (key) => store.project(key),
    find: (key) => store.all().find((issue) => issue.key === key),
    children: (key) => store.childrenOf(key),
  };
  const traffic = recordTraffic({
    system: 'Jira',
    secrets: {
      'the token of Jira': token,
      ...Object.fromEntries(colleagues.map((colleague) => [`the token of ${colleague.email}`, colleague.token])),
    },
    headers: ['authorization'],
  });
  const desk: Desk = {
    site: { store, shower, account },
    contextPath,
    rules,
    recorded,
    traffic,
    authorization: flavour === 'cloud' ? authorizationOf({ email, token }) : `Bearer ${token}`,
    colleagues: new Map(colleagues.map((colleague) => [authorizationOf(colleague), colleague])),
  };
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (rules.takeAccept()) socket.resetAndDestroy();
  });
  const open = new Set<ServerResponse>();
  server.on('request', (request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    void serve(request, response, desk);
  });
  return {
    url,
    email,
    token,
    browseUrl: (key) => `${url}/browse/${key}`,
    issues: () => store.all(),
    requests: () => recorded,
    openRequests: () => open.size,
    misbehave: (rule) => rules.add(rule),
    behave: () => rules.clear(),
    letDelete: (may) => (store.mayDelete = may),
    setLag: (ms) => void (store.lagMs = ms),
    withdraw: (withdrawn) => {
      for (const [authorization, colleague] of desk.colleagues)
        if (colleague.token === withdrawn) desk.colleagues.delete(authorization);
    },
    expireToken: () => void (desk.isExpired = true),
    moveIssue: (key, projectKey) => void store.move(key, projectKey),
    stop: async () => {
      await stopServer(server);
      traffic.check();
    },
  };
}

interface Desk {
  readonly site: Site;
  readonly contextPath: string;
  readonly rules: Misbehaviours;
  readonly recorded: RecordedRequest[];
  readonly traffic: Traffic;
  readonly authorization: string;
  readonly colleagues: Map<string, Colleague>;
  isExpired?: boolean;
}

async function serve(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').slice(desk.contextPath.length);
  const mischief = desk.rules.take(method, path);
  const { body: chunks } = desk.traffic.record(request);
  try {
    const raw = await readBody(request, mischief, chunks);
    desk.recorded.push({ method, path, headers: request.headers, body: raw.toString('utf8') });
    const answer = await answerWith(mischief, () => handle(request, path, raw, desk));
    if (answer === undefined) return;
    const body = write(response, answer);
    if (mischief?.kind === 'reset' && mischief.at === 'answer') answerHalf(response, body.toString());
    else response.end(body);
  } catch (error) {
    if (error instanceof ConnectionReset) response.socket?.resetAndDestroy();
    else if (request.destroyed && !request.complete) response.destroy();
    else {
      console.error('jira stand-in', error);
      response.writeHead(500).end(String(error));
    }
  }
}

/** @returns undefined if the request is never answered */
async function answerWith(mischief: Mischief | undefined, handle: () => Promise<Answer>): Promise<Answer | undefined> {
  switch (mischief?.kind) {
    case 'answer':
      return mischief;
    case 'answer-after':
      await handle();
      return mischief;
    case 'redirect':
      return { status: 307, headers: { location: mischief.to } };
    case 'login-page':
      return loginPage;
    case 'hang':
      return undefined;
    case 'hang-after':
      await handle();
      return undefined;
    case 'wait':
      await mischief.for;
      return handle();
    case 'reset': {
      const answer = await handle();
      if (mischief.at === 'after') throw new ConnectionReset();
      return answer;
    }
    case undefined:
      return handle();
  }
}

async function handle(request: IncomingMessage, path: string, raw: Buffer, desk: Desk): Promise<Answer> {
  const { site } = desk;
  const url = new URL(path, site.shower.url);
  const browse = /^\/browse\/([^/]+)$/.exec(url.pathname)?.[1];
  if (browse !== undefined) return renderIssue(decodeURIComponent(browse), site);
  if (url.pathname === '/') return renderBoard(site);
  const file = /^\/secure\/attachment\/(\d+)\/[^/]+$/.exec(url.pathname)?.[1];
  if (
    file !== undefined &&
    request.headers.authorization === desk.authorization &&
    site.shower.flavour === 'data-center'
  ) {
    const { mimeType, content } = site.store.attachment(file);
    return { status: 200, headers: { 'content-type': mimeType }, body: content };
  }
  const api = ['/rest/agile/1.0', site.shower.api].find((prefix) => url.pathname.startsWith(`${prefix}/`));
  if (api === undefined) return { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' };
  if (desk.isExpired === true) return anonymous(request.method ?? 'GET', url.pathname.slice(site.shower.api.length));
  const colleague = desk.colleagues.get(request.headers.authorization ?? '');
  if (request.headers.authorization !== desk.authorization && colleague === undefined)
    return {
      status: 401,
      headers: { 'content-type': 'text/plain', 'www-authenticate': 'OAuth realm="jira"' },
      body: 'Client must be authenticated to access this resource.',
    };
  try {
    const body: unknown = isJson(request) && raw.length > 0 ? JSON.parse(raw.toString('utf8')) : undefined;
    const called = url.pathname.slice(api === site.shower.api ? api.length : '/rest'.length);
    const method = request.method ?? 'GET';
    const call = { method, path: called, query: url.searchParams, headers: request.headers, raw, body };
    const answer = await route(call, site);
    return colleague === undefined ? answer : asSeenBy(colleague, called, answer);
  } catch (error) {
    if (error instanceof SyntaxError)
      return refused(new Refusal(400, ['There was an error parsing JSON. Check that your request body is valid.']));
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}

/**
 * Jira Cloud treats an expired token as anonymous: it shows what is public, which on a closed site is nothing. Only a
 * header says so (jira.js#418).
 */
function anonymous(method: string, path: string): Answer {
  const headers = { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' };
  if (method !== 'GET' && !path.startsWith('/search'))
    return { status: 401, headers, body: { errorMessages: ['You do not have permission to do this.'], errors: {} } };
  if (path.startsWith('/search')) return { status: 200, headers, body: { issues: [], isLast: true } };
  if (path.endsWith('/search'))
    return { status: 200, headers, body: path.startsWith('/user') ? [] : { values: [], isLast: true } };
  if (path === '/issueLinkType') return { status: 200, headers, body: { issueLinkTypes: [] } };
  if (path === '/myself')
    return { status: 401, headers, body: { message: 'Client must be authenticated to access this resource.' } };
  const missing = 'Issue does not exist or you do not have permission to see it.';
  return { status: 404, headers, body: { errorMessages: [missing], errors: {} } };
}

function isJson(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/json') === true;
}

function refused({ status, messages, errors }: Refusal): Answer {
  return { status, body: { errorMessages: messages, errors } };
}

/** Sends the head and returns the body to send. */
function write(response: ServerResponse, answer: Answer): string | Buffer {
  const type = typeof answer.body === 'string' ? 'text/html;charset=UTF-8' : 'application/json;charset=UTF-8';
  response.writeHead(answer.status, { 'content-type': type, 'x-arequestid': 'stand-in', ...answer.headers });
  if (answer.body === undefined) return '';
  if (answer.body instanceof Buffer) return answer.body;
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

if (import.meta.main) {
  const jira = await startJira({ port: Number(process.env['PORT'] ?? 0) });
  console.log(`Jira stand-in: ${jira.url} (JIRA_EMAIL=${jira.email} JIRA_TOKEN=${jira.token})`);
}
