/** Why nothing could be sent, as far as the network shows. */
export interface NetworkFault {
  readonly kind: 'certificate' | 'not-tls' | 'name' | 'refused' | 'proxy' | 'address' | 'silent' | 'broken';
  /** Error code of the system or Node: `ENOTFOUND`. */
  readonly code: string;
  /** The same request would fail again, so do not retry. */
  readonly isLasting: boolean;
  /** What it means and what to do, in one or two sentences. */
  readonly message: string;
}

/** A proxy refused the connection. The message contains no credentials. */
export class ProxyRefusedError extends Error {
  override readonly name = 'ProxyRefusedError';
  readonly code: string;
  constructor(proxy: string, status: number) {
    super(
      status === 407
        ? `The proxy ${proxy} asks for a user name and password (407). Add them to the proxy's address: http://user:password@host:port.`
        : `The proxy ${proxy} refused the connection (${status}).`,
    );
    this.code = `PROXY_${status}`;
  }
}

/** @returns undefined if it is not a network error. */
export function networkFault(error: unknown, host: string): NetworkFault | undefined {
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 8; depth += 1) {
    const code = codeOf(current);
    if (current instanceof ProxyRefusedError || current.name === 'ProxySettingError') {
      // A 5xx from a proxy may be temporary.
      return {
        kind: 'proxy',
        code: code === '' ? 'PROXY' : code,
        isLasting: !/_5\d\d$/.test(code),
        message: current.message,
      };
    }
    const fault = faultOf(code, host);
    if (fault !== undefined) return fault;
    // If several addresses were tried, use the first that gives a reason.
    const tried: readonly unknown[] = current instanceof AggregateError ? current.errors : [];
    current = current.cause ?? tried.find((one) => codeOf(one) !== '');
  }
  return undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

type Described = readonly [kind: NetworkFault['kind'], isLasting: boolean, say: (host: string) => string];

const proxyHint = 'set HTTPS_PROXY where a proxy is the only way out';
const route: Described = ['refused', false, (host) => `No route to ${host}. Check the network, or ${proxyHint}`];
const silent: Described = ['silent', false, (host) => `${host} does not answer. Check the network, or ${proxyHint}`];
const broken: Described = ['broken', false, (host) => `The connection to ${host} was lost`];
const date: Described = [
  'certificate',
  true,
  (host) => `The certificate of ${host} has expired or is not valid yet. Check this machine's clock too`,
];

const byCode: ReadonlyMap<string, Described> = new Map<string, Described>([
  ['CERT_HAS_EXPIRED', date],
  ['CERT_NOT_YET_VALID', date],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    ['certificate', true, (host) => `The certificate of ${host} is for a different name`],
  ],
  ['ENOTFOUND', ['name', true, (host) => `The host ${host} does not exist. Check the address, or ${proxyHint}`]],
  ['EAI_AGAIN', ['name', false, (host) => `Cannot look up ${host}. Check the network, or ${proxyHint}`]],
  ['ECONNREFUSED', ['refused', false, (host) => `Nothing is listening at ${host}. Check the address and port`]],
  ['EHOSTUNREACH', route],
  ['ENETUNREACH', route],
  ['EADDRNOTAVAIL', route],
  ['ERR_INVALID_URL', ['address', true, () => 'The address is invalid: it must start with https:// or http://']],
  ['ETIMEDOUT', silent],
  ['UND_ERR_CONNECT_TIMEOUT', silent],
  ['ECONNRESET', broken],
  ['EPIPE', broken],
  ['UND_ERR_SOCKET', broken],
]);

const byPattern: readonly (readonly [RegExp, Described])[] = [
  [
    /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/,
    [
      'certificate',
      true,
      (host) =>
        `The certificate of ${host} is from an authority that this machine does not trust. If your network inspects TLS, set NODE_EXTRA_CA_CERTS to the file with its authority`,
    ],
  ],
  [
    /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/,
    ['not-tls', true, (host) => `${host} does not speak TLS as expected. Check the address, the port and https://`],
  ],
];

function faultOf(code: string, host: string): NetworkFault | undefined {
  const found = byCode.get(code) ?? byPattern.find(([pattern]) => pattern.test(code))?.[1];
  if (found === undefined) return undefined;
  const [kind, isLasting, say] = found;
  return { kind, code, isLasting, message: `${say(host)} (${code}).` };
}
