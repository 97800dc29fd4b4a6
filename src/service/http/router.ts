import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log } from '../../../servers/kit/log.ts';
import { maxBodyBytes, readBody } from './read-body.ts';
import { text, type Answer, type Route, type RouteModule } from './route.ts';

/** Answers requests from the table of routes. A route that throws is a 500, and only the log says why. */
export function createRouter(modules: readonly RouteModule[], log: Log): RequestListener {
  const routes = modules.flatMap((module) => module.routes);
  return (request, response) => {
    answerOf(request, routes)
      .catch((error: unknown) => {
        if (request.destroyed) return undefined; // nobody is there to be answered
        const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log('error', 'a request failed', { path: pathOf(request), error: problem });
        return text(500, 'The service failed unexpectedly. See its log.');
      })
      .then((answer) => (answer === undefined ? response.destroy() : send(response, answer)))
      .catch((error: unknown) => log('error', 'a request was not answered', { error: String(error) }));
  };
}

async function answerOf(request: IncomingMessage, routes: readonly Route[]): Promise<Answer> {
  const url = urlOf(request);
  if (url === undefined) return text(400, 'The address is malformed.');
  const matching = routes.flatMap((route) => {
    const parameters = match(route.path, url.pathname);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  if (matching.length === 0) return text(404, 'There is no such page.');
  const found = matching.find(({ route }) => route.method === request.method);
  if (found === undefined) {
    const allowed = matching.map(({ route }) => route.method).join(', ');
    return text(405, `Only ${allowed}.`, { allow: allowed });
  }
  const body = request.method === 'POST' ? await readBody(request) : Buffer.alloc(0);
  if (body === undefined) return text(413, `The body must not exceed ${maxBodyBytes} bytes.`, { connection: 'close' });
  return found.route.handle({ request, url, body, parameters: found.parameters });
}

function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  const base = 'http://service.invalid';
  return url.startsWith('/') && URL.canParse(`${base}${url}`) ? new URL(`${base}${url}`) : undefined;
}

/** Without the query, which may hold what a log must not. */
function pathOf(request: IncomingMessage): string {
  return urlOf(request)?.pathname ?? '';
}

/** Exact, apart from `:names`. */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === '') return undefined;
    parameters[part.slice(1)] = value;
  }
  return parameters;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

function send(response: ServerResponse, { status, headers, body = '' }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...always, ...headers, 'content-length': bytes.length });
  response.end(bytes);
}
