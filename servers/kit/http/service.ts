import { createOutbound } from '../../contract/network/outbound.ts';
import type { CallAudit } from '../audit.ts';
import type { Caller, Places } from '../caller/caller.ts';
import type { Variables } from '../environment.ts';
import type { Address } from './option.ts';
import type { Log } from '../log.ts';
import type { Protocol } from '../protocol.ts';
import { noMetrics, type Metrics } from '../telemetry/metrics.ts';
import { serveMetrics, type MetricsAddress } from '../telemetry/serve-metrics.ts';
import { createAuthenticate } from './authenticate.ts';
import { createCatalogue, type ToolTerms } from './catalogue/catalogue.ts';
import { createServeCatalogue } from './catalogue/serve-catalogue.ts';
import { createServeMessage } from './exchange.ts';
import { createJwtVerifier, type VerifyJwt } from './jwt.ts';
import { listen } from './listen.ts';
import { readPolicy } from './policy.ts';
import { namesOf } from './protect.ts';
import { createResource } from './resource.ts';
import { createListener } from './routes.ts';
import { scopesOf } from './scopes.ts';
import { readHttpSettings, type HttpSettings } from './settings.ts';
import { openStaticTokens } from './static-tokens.ts';

interface Io {
  readonly log: Log;
  readonly audit: CallAudit;
}

/** A server over HTTP, configured and not yet listening. */
export interface HttpService {
  /** False where only this machine can connect, and callers do not sign in. */
  readonly knowsCallers: boolean;
  readonly metrics: Metrics;
  /** How long a stop waits for writes in progress. */
  readonly writesLimitMs: number;
  /** @returns a function that stops: no new requests, and time for running ones. */
  readonly serve: <Connection extends object>(
    protocol: Protocol<Connection>,
    connections: Connections<Connection>,
    io: Io,
  ) => Promise<() => Promise<void>>;
}

/** What callers may use. */
interface Connections<Connection> {
  readonly connectionOf: (caller: Caller) => Connection;
  readonly narrow: (connection: Connection, places: Places) => Connection;
}

interface Definition {
  readonly name: string;
  readonly title: string;
  readonly tools: readonly (ToolTerms & { readonly risk: string })[];
}

/** @throws ConfigurationError */
export async function configureHttp(
  address: Address,
  definition: Definition,
  variables: Variables,
): Promise<HttpService> {
  const settings = await readHttpSettings(address, variables);
  const publicUrl = settings.SWITCHBOARD_HTTP_URL;
  const tokensFile = settings.SWITCHBOARD_HTTP_TOKENS_FILE;
  const policyFile = settings.SWITCHBOARD_HTTP_POLICY_FILE;
  const tokens = tokensFile === undefined ? undefined : await openStaticTokens(tokensFile);
  const policy = policyFile === undefined ? undefined : await readPolicy(policyFile);
  const watched = metricsAddress(settings);
  // A bundle of its own, with the client of Prometheus.
  const prometheus =
    watched === undefined
      ? undefined
      : (await import('../telemetry/prometheus.ts')).createPrometheus(definition.tools.map((tool) => tool.name));
  const metrics = prometheus?.metrics ?? noMetrics;
  let origin = '';
  const scopes = scopesOf(definition.name);
  const url = (): string => publicUrl ?? `${origin}/mcp`;
  const resource = createResource(url, definition.title, settings.SWITCHBOARD_HTTP_ISSUER, scopes);
  const jwt = jwtVerifier(settings, url, variables);
  const hosts = [
    ...namesOf(address.host, publicUrl === undefined ? undefined : new URL(publicUrl)),
    ...(settings.SWITCHBOARD_HTTP_HOSTS ?? []).map((name) => name.toLowerCase()),
  ];

  const serve: HttpService['serve'] = async (protocol, connections, { log, audit }) => {
    const messages = createServeMessage(protocol, log);
    let isReady = true;
    const listener = createListener({
      expected: { hosts, origins: settings.SWITCHBOARD_HTTP_ORIGINS ?? [] },
      resource,
      serveCatalogue: createServeCatalogue(url, () => createCatalogue({ ...definition, scopes }, protocol.tools())),
      authenticate: createAuthenticate({ jwt, tokens, policy, challenge: resource.challenge }),
      scopes,
      reads: new Set(definition.tools.filter(({ risk }) => risk === 'read').map(({ name }) => name)),
      concurrency: settings.SWITCHBOARD_HTTP_CONCURRENCY,
      connectionOf: narrowed(connections),
      serve: messages.serve,
      isReady: () => isReady,
      metrics,
      audit,
      log,
    });
    const listening = await listen(address, listener, (refused) => log('warn', 'refused a request', refused));
    ({ origin } = listening);
    const closeMetrics =
      watched === undefined || prometheus === undefined
        ? undefined
        : await serveMetrics(watched, prometheus, { name: definition.name, log });
    process.stderr.write(`switchboard-${definition.name}: listening on ${origin}/mcp\n`);
    return async () => {
      isReady = false;
      await listening.drain({ mayBeBalanced: publicUrl !== undefined });
      await messages.close();
      await closeMetrics?.();
    };
  };
  return { knowsCallers: jwt !== undefined || tokens !== undefined, metrics, writesLimitMs: 20_000, serve };
}

const defaultMetricsPort = 9464;

function metricsAddress(settings: HttpSettings): MetricsAddress | undefined {
  const { SWITCHBOARD_METRICS_PORT: port, SWITCHBOARD_METRICS_HOST: host } = settings;
  if (port === 'off') return undefined;
  return { host, port: port ?? defaultMetricsPort, isChosen: port !== undefined };
}

function jwtVerifier(settings: HttpSettings, url: () => string, variables: Variables): VerifyJwt | undefined {
  const issuer = settings.SWITCHBOARD_HTTP_ISSUER;
  if (issuer === undefined) return undefined;
  return createJwtVerifier({
    issuer,
    jwks: settings.SWITCHBOARD_HTTP_JWKS,
    audience: () => settings.SWITCHBOARD_HTTP_AUDIENCE ?? [url()],
    algorithms: settings.SWITCHBOARD_HTTP_ALGORITHMS,
    actorClaim: settings.SWITCHBOARD_HTTP_ACTOR_CLAIM,
    groupsClaim: settings.SWITCHBOARD_HTTP_GROUPS_CLAIM,
    fetch: createOutbound(variables).fetch,
  });
}

/** Callers with the same connection and the same places share what is cached of them. */
function narrowed<Connection extends object>({
  connectionOf,
  narrow,
}: Connections<Connection>): (caller: Caller) => Connection {
  const known = new WeakMap<Connection, Map<string, Connection>>();
  return (caller) => {
    const connection = connectionOf(caller);
    const { places } = caller;
    if (places === undefined) return connection;
    const narrower = known.get(connection) ?? new Map<string, Connection>();
    known.set(connection, narrower);
    const key = JSON.stringify(places);
    const found = narrower.get(key);
    if (found !== undefined) return found;
    const made = narrow(connection, places);
    const [oldest] = narrower.keys();
    if (narrower.size >= maxKept && oldest !== undefined) narrower.delete(oldest);
    narrower.set(key, made);
    return made;
  };
}

const maxKept = 200;
