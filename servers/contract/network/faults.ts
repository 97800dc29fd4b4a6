/** Why nothing could be sent, as far as the network tells. */
export interface NetworkFault {
  readonly kind: 'certificate' | 'not-tls' | 'name' | 'refused' | 'proxy' | 'address' | 'silent' | 'broken';
  /** The code of the system or of Node: `ENOTFOUND`. */
  readonly code: string;
  /** The same request would fail again: trying it again helps nobody. */
  readonly isLasting: boolean;
  /** What it means and what to do, in one or two sentences. */
  readonly message: string;
}

/** A proxy that does not let the connection through. The message names no credential. */
export class ProxyRefusedError extends Error {
  override readonly name = 'ProxyRefusedError';
  readonly code: string;
  constructor(proxy: string, status: number) {
    super(
      status === 407
        ? `The proxy ${proxy} asks for a user name and password (407). Put them into the proxy's address: http://user:password@host:port.`
        : `The proxy ${proxy} refused the connection (${status}).`,
    );
    this.code = `PROXY_${status}`;
  }
}

/** undefined where the error is none of the network. */
export function networkFault(error: unknown, host: string): NetworkFault | undefined {
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 8; depth += 1) {
    const code = codeOf(current);
    if (current instanceof ProxyRefusedError || current.name === 'ProxySettingError') {
      // What a proxy answers with 5xx may pass.
      return {
        kind: 'proxy',
        code: code === '' ? 'PROXY' : code,
        isLasting: !/_5\d\d$/.test(code),
        message: current.message,
      };
    }
    const fault = faultOf(code, host);
    if (fault !== undefined) return fault;
    // Of several addresses that were tried, the first that says why.
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
const route: Described = [
  'refused',
  false,
  (host) => `There is no route to ${host}; check the network, or ${proxyHint}`,
];
const silent: Described = ['silent', false, (host) => `${host} does not answer; check the network, or ${proxyHint}`];
const broken: Described = ['broken', false, (host) => `The connection to ${host} broke`];
const date: Described = [
  'certificate',
  true,
  (host) => `The certificate of ${host} is out of date; check the clock of this machine too`,
];

const byCode: ReadonlyMap<string, Described> = new Map<string, Described>([
  ['CERT_HAS_EXPIRED', date],
  ['CERT_NOT_YET_VALID', date],
  ['ERR_TLS_CERT_ALTNAME_INVALID', ['certificate', true, (host) => `The certificate of ${host} is for another name`]],
  ['ENOTFOUND', ['name', true, (host) => `There is no host ${host}; check the address, or ${proxyHint}`]],
  ['EAI_AGAIN', ['name', false, (host) => `The name ${host} cannot be looked up; check the network, or ${proxyHint}`]],
  ['ECONNREFUSED', ['refused', false, (host) => `Nothing answers at ${host}; check the address and its port`]],
  ['EHOSTUNREACH', route],
  ['ENETUNREACH', route],
  ['EADDRNOTAVAIL', route],
  ['ERR_INVALID_URL', ['address', true, () => 'The address is not one: it should begin with https:// or http://']],
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
        `The certificate of ${host} comes from an authority that is not trusted here. If your network inspects TLS, name the file of its authority in NODE_EXTRA_CA_CERTS`,
    ],
  ],
  [
    /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/,
    ['not-tls', true, (host) => `${host} does not answer in TLS as expected; check the address, its port and https://`],
  ],
];

function faultOf(code: string, host: string): NetworkFault | undefined {
  const found = byCode.get(code) ?? byPattern.find(([pattern]) => pattern.test(code))?.[1];
  if (found === undefined) return undefined;
  const [kind, isLasting, say] = found;
  return { kind, code, isLasting, message: `${say(host)} (${code}).` };
}
