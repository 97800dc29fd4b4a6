/**
 * A stand-in for the Slack Web API over real HTTP on loopback, for the real @slack/web-api. It shows the
 * traits that hurt: `ok: false` with HTTP 200, form-encoded bodies, empty pages with a cursor, names that resolve only
 * for public channels, people's ids that open direct messages, text cut at 40,000, mentions and unfurling by default.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { listen } from '../listen.ts';
import { recordTraffic, type RecordedTraffic } from '../traffic.ts';
import { allScopes } from './documentation.ts';
import { type Answer, callMethod, type Form } from './methods.ts';
import { indexPage, channelPage } from './page.ts';
import { type Message, Workspace } from './workspace.ts';

export interface SlackOptions {
  readonly port?: number;
  readonly token?: string;
  readonly userToken?: string;
  /** Further bot tokens, and the private channels that are hidden from each. */
  readonly colleagues?: Readonly<Record<string, readonly string[]>>;
  /** Scopes that the token lacks. */
  readonly withoutScopes?: readonly string[];
  /** Apps may search without answering a message. */
  readonly botSearch?: boolean;
  /** More public channels, for paging. */
  readonly extraChannels?: number;
}

/** One HTTP request as received, to check what the server under test sent. */
export interface SlackRequest {
  /** "chat.postMessage", or the path of an upload. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly form: Form;
}

export type Fault =
  /** Nothing is stored. */
  | { readonly kind: 'reset' | 'html' | 'hang' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'rate-limited'; readonly retryAfter?: number }
  | { readonly kind: 'refuse'; readonly error: string; readonly more?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Stored; then the connection is cut, or the response is a 500, truncated, or never sent. */
  | { readonly kind: 'lost-answer' | 'error-after-store' | 'cut-answer' | 'hang-after-store' };

export interface Misbehaviour {
  readonly method: string;
  readonly fault: Fault;
  /** How often. Default: 1. */
  readonly times?: number;
  /** Number of calls that succeed first. */
  readonly after?: number;
}

export interface SlackStandIn {
  /** With the trailing slash of https://slack.com/api/. */
  readonly apiUrl: string;
  readonly url: string;
  readonly token: string;
  readonly userToken: string;
  /** Page for people, by name with or without '#'. */
  channelUrl(name: string): string;
  /** What was posted through the API, oldest first; by name or id. */
  messages(channel: string): readonly Message[];
  requests(method?: string): readonly SlackRequest[];
  /** @returns a function that ends the misbehaviour. */
  misbehave(rule: Misbehaviour): () => void;
  /** Resolves when the next call of the method has been handled, whatever its client received. */
  handled(method: string): Promise<SlackRequest>;
  /** Resolves when a client aborts a call of the method that it has sent. */
  broken(method: string): Promise<void>;
  readonly workspace: Workspace;
  /** @throws when a secret was sent anywhere but in its Authorization header. */
  stop(): Promise<void>;
}

const channelsSchema = z.array(z.looseObject({ name: z.string(), id: z.string() }));
const largestBody = 20 * 1024 * 1024;

export async function startSlack(options: SlackOptions = {}): Promise<SlackStandIn> {
  const token = options.token ?? 'xoxb-000000000001-stand-in-bot-token';
  const userToken = options.userToken ?? 'xoxp-000000000002-stand-in-user-token';
  const scopes = new Set(allScopes.filter((scope) => options.withoutScopes?.includes(scope) !== true));
  const workspace = new Workspace(options.extraChannels ?? 0);
  const requests: SlackRequest[] = [];
  const traffic = recordTraffic({
    system: 'Slack',
    secrets: { 'the bot token of Slack': token, 'the user token of Slack': userToken },
    headers: ['authorization'],
  });
  const rules: { method: string; fault: Fault; left: number; skip: number }[] = [];
  const waiting: { method: string; resolve: (request: SlackRequest) => void }[] = [];
  const breaking: { method: string; resolve: () => void }[] = [];
  let url = '';

  const takeFault = (method: string): Fault | undefined => {
    const rule = rules.find((item) => item.method === method && item.left > 0);
    if (rule === undefined) return undefined;
    if (rule.skip > 0) {
      rule.skip -= 1;
      return undefined;
    }
    rule.left -= 1;
    return rule.fault;
  };
  const answerCall = (request: SlackRequest): Answer => {
    const given = bearerOf(request);
    if (given === undefined) return { ok: false, error: 'not_authed' };
    const hidden = options.colleagues?.[given];
    if (given !== token && given !== userToken && hidden === undefined) return { ok: false, error: 'invalid_auth' };
    const isHidden = ({ name, id }: { name: string; id: string }): boolean =>
      hidden?.some((one) => one === name || one === id) === true;
    const asked = workspace.channel(request.form['channel'] ?? '');
    if (asked !== undefined && isHidden(asked)) return { ok: false, error: 'channel_not_found' };
    const answer = callMethod(request.method, request.form, {
      workspace,
      url,
      scopes,
      isUserToken: given === userToken,
      botSearch: options.botSearch === true,
    });
    const { data } = channelsSchema.safeParse(answer['channels']);
    return data === undefined ? answer : { ...answer, channels: data.filter((channel) => !isHidden(channel)) };
  };
  const tellWaiting = (request: SlackRequest): void => {
    for (const item of waiting.filter(({ method }) => method === request.method)) {
      waiting.splice(waiting.indexOf(item), 1);
      item.resolve(request);
    }
  };
  const handleApi = async (
    incoming: IncomingMessage,
    response: ServerResponse,
    record: RecordedTraffic,
  ): Promise<void> => {
    const path = new URL(incoming.url ?? '/', url).pathname;
    const body = await readBody(incoming, record);
    const upload = path.startsWith('/upload/v1/');
    const request: SlackRequest = {
      method: upload ? 'upload' : path.replace(/^\/api\//, ''),
      headers: incoming.headers,
      body: body.toString('utf8'),
      form: upload ? {} : readForm(incoming, body),
    };
    requests.push(request);
    response.on('close', () => {
      if (response.writableFinished) return;
      for (const item of breaking.filter(({ method }) => method === request.method)) item.resolve();
    });
    const fault = takeFault(request.method);
    if (fault !== undefined && failBefore(fault, incoming, response)) return tellWaiting(request);
    const answer = upload ? storeUpload(workspace, path, incoming, body) : answerCall(request);
    response.setHeader('x-oauth-scopes', [...scopes].join(','));
    if (fault === undefined || !failAfter(fault, answer, incoming, response)) send(response, 200, answer);
    tellWaiting(request);
  };

  const server = createServer((incoming, response) => {
    const record = traffic.record(incoming);
    const isFile = incoming.url?.startsWith('/files-pri/') === true;
    const work = isFile
      ? Promise.resolve(serveFile(incoming, response, workspace, token))
      : incoming.method === 'GET'
        ? servePage(incoming, response, workspace, url)
        : handleApi(incoming, response, record);
    work.catch((error: unknown) => {
      process.stderr.write(`slack stand-in: ${String(error)}\n`);
      response.destroy();
    });
  });
  url = `http://127.0.0.1:${await listen(server, options.port)}`;

  const channelNamed = (name: string) => {
    const channel = workspace.channel(name);
    if (channel === undefined) throw new Error(`the stand-in has no channel ${name}`);
    return channel;
  };
  return {
    apiUrl: `${url}/api/`,
    url,
    token,
    userToken,
    workspace,
    channelUrl: (name) => `${url}/channels/${channelNamed(name).name}`,
    messages: (name) => channelNamed(name).messages.filter((message) => message.posted),
    requests: (method) => requests.filter((request) => method === undefined || request.method === method),
    misbehave: ({ method, fault, times = 1, after = 0 }) => {
      const rule = { method, fault, left: times, skip: after };
      rules.push(rule);
      return () => {
        rule.left = 0;
      };
    },
    broken: (method) => new Promise((resolve) => breaking.push({ method, resolve })),
    handled: (method) => new Promise((resolve) => waiting.push({ method, resolve })),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      traffic.check();
    },
  };
}

/** @returns true if it has handled the request */
function failBefore(fault: Fault, incoming: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'reset':
      incoming.socket.resetAndDestroy();
      return true;
    case 'hang':
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in to your network</body></html>');
      return true;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'text/plain' }).end('upstream trouble');
      return true;
    case 'rate-limited':
      response.writeHead(429, {
        'content-type': 'application/json',
        ...(fault.retryAfter !== undefined && { 'retry-after': String(fault.retryAfter) }),
      });
      response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
      return true;
    case 'refuse':
      send(response, 200, { ok: false, error: fault.error, ...fault.more });
      return true;
    case 'answer':
      send(response, 200, fault.answer);
      return true;
    case 'redirect':
      response.writeHead(307, { location: fault.to }).end();
      return true;
    default:
      return false;
  }
}

function failAfter(fault: Fault, answer: Answer, incoming: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'lost-answer':
      incoming.socket.resetAndDestroy();
      return true;
    case 'error-after-store':
      response.writeHead(500, { 'content-type': 'text/plain' }).end('internal error');
      return true;
    case 'cut-answer': {
      const body = JSON.stringify(answer);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
      response.write(body.slice(0, body.length / 2), () => incoming.socket.destroy());
      return true;
    }
    case 'hang-after-store':
      return true;
    default:
      return false;
  }
}

async function servePage(
  incoming: IncomingMessage,
  response: ServerResponse,
  workspace: Workspace,
  url: string,
): Promise<void> {
  const path = new URL(incoming.url ?? '/', url).pathname;
  const archived = /^\/archives\/([A-Z0-9]+)\/(p\d+)$/.exec(path);
  const channel = archived === null ? undefined : workspace.channel(archived[1] ?? '');
  if (channel !== undefined) {
    response.writeHead(302, { location: `/channels/${channel.name}#${archived?.[2] ?? ''}` }).end();
    return;
  }
  const named = workspace.channel(/^\/channels\/([^/]+)$/.exec(path)?.[1] ?? '');
  const html = named !== undefined ? channelPage(named, workspace) : path === '/' ? indexPage(workspace) : undefined;
  response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(html ?? 'There is no such channel.');
}

/** Without the token, Slack returns a login page with status 200. */
function serveFile(incoming: IncomingMessage, response: ServerResponse, workspace: Workspace, token: string): void {
  const id = /^\/files-pri\/[^/-]+-(F[^/]+)/.exec(incoming.url ?? '')?.[1] ?? '';
  const found = workspace.file(id)?.file;
  if (incoming.headers.authorization !== `Bearer ${token}` || found === undefined)
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in | Slack</title></html>');
  else response.writeHead(200, { 'content-type': found.mimetype ?? 'text/plain' }).end(found.content);
}

function storeUpload(workspace: Workspace, path: string, incoming: IncomingMessage, body: Buffer): Answer {
  const upload = workspace.uploads.get(path.split('/').at(-1) ?? '');
  if (upload === undefined) return { ok: false, error: 'file_not_found' };
  const multipart = /boundary=([^;]+)/.exec(incoming.headers['content-type'] ?? '');
  upload.content = multipart === null ? body : firstPart(body, multipart[1] ?? '');
  return { ok: true };
}

function firstPart(body: Buffer, boundary: string): Buffer {
  const start = body.indexOf('\r\n\r\n') + 4;
  return body.subarray(start, body.indexOf(`\r\n--${boundary}`, start));
}

function readForm(incoming: IncomingMessage, body: Buffer): Form {
  const type = incoming.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return {};
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}

function bearerOf(request: SlackRequest): string | undefined {
  const header = request.headers['authorization'];
  if (typeof header === 'string' && header.startsWith('Bearer ')) return header.slice('Bearer '.length);
  return request.form['token'];
}

async function readBody(incoming: IncomingMessage, record: RecordedTraffic): Promise<Buffer> {
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Error('request body over 20 MB');
    record.body.push(chunk);
  }
  return Buffer.concat(record.body);
}

function send(response: ServerResponse, status: number, body: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
