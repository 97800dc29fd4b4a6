import { ConfigurationError } from '../../kit/errors.ts';

/** Connection parameters by libpq's names, merged from all sources; the first source wins. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** Supported parameters: our names first, then libpq's. https://www.postgresql.org/docs/18/libpq-envars.html */
export const variableNames: readonly (readonly [parameter: string, ...variables: string[]])[] = [
  ['host', 'DB_HOST', 'PGHOST'],
  ['port', 'DB_PORT', 'PGPORT'],
  ['dbname', 'DB_NAME', 'PGDATABASE'],
  ['user', 'DB_USER', 'PGUSER'],
  ['password', 'DB_PASSWORD', 'PGPASSWORD'],
  ['sslmode', 'DB_SSL', 'PGSSLMODE'],
  ['sslrootcert', 'DB_SSL_ROOT_CERT', 'PGSSLROOTCERT'],
  ['sslcert', 'DB_SSL_CERT', 'PGSSLCERT'],
  ['sslkey', 'DB_SSL_KEY', 'PGSSLKEY'],
  ['connect_timeout', 'DB_CONNECT_TIMEOUT', 'PGCONNECT_TIMEOUT'],
  ['service', 'DB_SERVICE', 'PGSERVICE'],
  ['passfile', 'PGPASSFILE'],
  ['options', 'PGOPTIONS'],
  ['target_session_attrs', 'PGTARGETSESSIONATTRS'],
  ['load_balance_hosts', 'PGLOADBALANCEHOSTS'],
  ['channel_binding', 'PGCHANNELBINDING'],
  ['require_auth', 'PGREQUIREAUTH'],
  ['sslnegotiation', 'PGSSLNEGOTIATION'],
  ['sslcrl', 'PGSSLCRL'],
  ['ssl_min_protocol_version', 'PGSSLMINPROTOCOLVERSION'],
  ['ssl_max_protocol_version', 'PGSSLMAXPROTOCOLVERSION'],
  ['gssencmode', 'PGGSSENCMODE'],
];

/** Also read from a URL: names that Prisma, JDBC and Go use for the same things. */
const otherNames: Readonly<Record<string, string>> = {
  ssl: 'sslmode',
  ApplicationName: 'application_name',
  currentSchema: 'schema',
  search_path: 'schema',
  connect_timeout_seconds: 'connect_timeout',
  connectTimeout: 'connect_timeout',
  targetServerType: 'target_session_attrs',
};

const readFromUrl: ReadonlySet<string> = new Set([
  ...variableNames.map(([parameter]) => parameter),
  'keepalives_idle',
  'schema',
  'pgbouncer',
  'connection_limit',
]);

/** Known to libpq or to the library that a provider's URL is for, but unused here. */
const ignored: ReadonlySet<string> = new Set(
  `application_name fallback_application_name client_encoding encoding charset hostaddr keepalives keepalives_interval
  keepalives_count tcp_user_timeout replication krbsrvname gsslib gssdelegation sslcompression sslcrldir sslsni sslcertmode
  sslpassword requirepeer requiressl min_protocol_version max_protocol_version scram_client_key scram_server_key
  uselibpqcompat pool_timeout pool_size pool_mode pool max_pool_size min_pool_size pool_max_conns pool_min_conns
  pool_max_conn_lifetime pool_max_conn_idle_time max_connections max_idle_connections idle_timeout socket_timeout
  statement_cache_size statement_cache_capacity statement_cache_mode prepared_statements prepared_statement_cache_size
  prepareThreshold preparedStatementCacheQueries reWriteBatchedInserts tcpKeepAlive binary_parameters
  default_query_exec_mode description_cache_capacity supa workaround serverVersion timeout reaping_frequency
  statement_timeout query_timeout lock_timeout idle_in_transaction_session_timeout TimeZone timezone datestyle
  sslidentity sslfactory sslmode_fallback loginTimeout socketTimeout max_idle_connection_lifetime
  max_connection_lifetime single_use_connections db oauth_issuer oauth_client_id oauth_client_secret oauth_scope
  sslkeylogfile servicefile loadBalanceHosts defaultRowFetchSize stringtype readOnly assumeMinServerVersion gssEncMode
  socketFactory socketFactoryArg cancelSignalTimeout autosave preferQueryMode binaryTransfer hostRecheckSeconds`.split(
    /\s+/,
  ),
);

/**
 * Splits the parameters of a URL into supported ones and ignored ones, which are reported once.
 * @throws ConfigurationError for an unknown parameter: a mistyped sslmode must not be ignored.
 */
export function sortParameters(
  variable: string,
  given: Iterable<readonly [string, string]>,
): { parameters: Record<string, string>; ignored: string[] } {
  const parameters: Record<string, string> = {};
  const passedOver: string[] = [];
  for (const [written, value] of given) {
    const name = otherNames[written] ?? written;
    if (value === '') continue;
    if (written === 'sslaccept') readSslAccept(value, parameters);
    else if (readFromUrl.has(name)) parameters[name] ??= value;
    else if (ignored.has(name)) passedOver.push(written);
    else
      throw new ConfigurationError(
        `${variable}: unknown parameter '${written}'. Known parameters: ${[...readFromUrl].join(', ')}`,
      );
  }
  return { parameters, ignored: passedOver };
}

/** Prisma's parameter: `strict` asks for certificate verification, which must not be ignored. */
function readSslAccept(value: string, parameters: Record<string, string>): void {
  if (value === 'strict' && !parameters['sslmode']?.startsWith('verify')) parameters['sslmode'] = 'verify-full';
}
