import { readVariable } from '../../servers/kit/environment.ts';
import { ConfigurationError } from '../../servers/kit/errors.ts';
import { isLoopback, readHttpOption } from '../../servers/kit/http/option.ts';
import { createRedactor } from '../../servers/contract/redact.ts';
import { createLog } from '../../servers/kit/log.ts';
import { openDatabase } from '../../servers/kit/state/database.ts';
import { readStateUrl } from '../../servers/kit/state/state-url.ts';
import { createOutbound } from '../../servers/contract/network/outbound.ts';
import type { Variables } from '../settings.ts';
import { openApprovals } from './approvals/open-approvals.ts';
import type { RouteModule } from './http/route.ts';
import { startListener } from './http/start-listener.ts';
import { readServiceUrl } from './service-url.ts';
import { readSlackSettings, secretsOf } from './slack/slack-settings.ts';

export interface WorkerOptions {
  /** HOST:PORT */
  readonly http: string;
  readonly variables: Variables;
  /** Aborts when the worker shall end: it then answers what it has begun. */
  readonly signal: AbortSignal;
}

/**
 * The service that receives what starts runs. Resolves when it has ended after the signal.
 * @throws ConfigurationError
 */
export async function runWorker({ http, variables, signal }: WorkerOptions): Promise<void> {
  const address = readHttpOption(['--http', http]);
  const state = await readStateUrl(variables);
  if (address === undefined || state === undefined)
    throw new ConfigurationError(
      'SWITCHBOARD_STATE_URL is not set: the worker keeps its runs in a PostgreSQL database',
    );
  const slack = await readSlackSettings(variables);
  const serviceUrl = await readServiceUrl(variables);
  const level = (await readVariable(variables, 'SWITCHBOARD_LOG')) === 'debug' ? 'debug' : 'warn';
  const log = createLog('worker', level, createRedactor([...state.secrets, ...secretsOf(slack)]));
  const database = await openDatabase(state.url, 'worker', log);
  const approvals = openApprovals({
    database,
    log,
    slack,
    serviceUrl,
    fetch: createOutbound(variables).fetch,
    onAnswered: () => Promise.resolve(),
  });
  const modules: readonly RouteModule[] = [approvals.module];
  const listener = await startListener(address, modules, { log, mayBeBalanced: !isLoopback(address.host) });
  process.stderr.write(`switchboard-worker: listening on ${listener.origin}\n`);
  await aborted(signal);
  await listener.drain();
  await database.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
