import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors.ts';
import { listen } from '../http/listen.ts';
import { isLoopback } from '../http/option.ts';
import { checkHeaders, namesOf } from '../http/protect.ts';
import type { Log } from '../log.ts';
import type { Prometheus } from './prometheus.ts';

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
  /** False: it is the default, which another server of this machine may already have. */
  readonly isChosen: boolean;
}

/**
 * Figures for a scraper at `/metrics`, on a port of their own, which no Ingress leads to.
 * @returns a function that stops. @throws ConfigurationError
 */
export async function serveMetrics(
  { host, port, isChosen }: MetricsAddress,
  { text, contentType }: Pick<Prometheus, 'text' | 'contentType'>,
  { name, log }: { readonly name: string; readonly log: Log },
): Promise<() => Promise<void>> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('x-content-type-options', 'nosniff');
    const status = refusalOf(request, host);
    if (status !== undefined) return void response.writeHead(status).end();
    try {
      const body = await text();
      response.writeHead(200, { 'content-type': contentType }).end(body);
    } catch (error) {
      log('error', 'cannot collect metrics', { error: String(error) });
      response.writeHead(500).end();
    }
  };
  try {
    const { origin, drain } = await listen(
      { host, port },
      (request, response) => void answer(request, response),
      (refused) => log('warn', 'refused a request for metrics', refused),
    );
    process.stderr.write(`switchboard-${name}: metrics at ${origin}/metrics\n`);
    return () => drain({ mayBeBalanced: false });
  } catch (error) {
    if (isChosen || !(error instanceof ConfigurationError)) throw error;
    log('warn', `no metrics: ${error.message}. Set SWITCHBOARD_METRICS_PORT`);
    return () => Promise.resolve();
  }
}

/** On this machine, a web page could ask by DNS rebinding; elsewhere, a scraper uses whatever address the pod has. */
function refusalOf(request: IncomingMessage, host: string): number | undefined {
  if (request.headers.origin !== undefined) return 403;
  if (isLoopback(host)) {
    const refused = checkHeaders(request, { hosts: namesOf(host, undefined), origins: [] });
    if (refused !== undefined) return refused.status;
  }
  if (request.url?.split('?')[0] !== '/metrics') return 404;
  return request.method === 'GET' ? undefined : 405;
}
