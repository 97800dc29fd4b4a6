import { systemOf, systems, type SystemId } from '../../servers/contract/systems.ts';
import { join } from 'node:path';

/** What is known of a server before it is reached. */
interface SpecBase {
  /** Ours, never the server's word for itself; prefix of its tools' names: `postgres`. */
  readonly id: string;
  readonly title: string;
  /** Ours: its annotations and `_meta` count. A third party's are hints. */
  readonly trusted: boolean;
  readonly limits?: ServerLimits;
}

/** Times that a server needs instead of the usual ones, in milliseconds. */
export interface ServerLimits {
  /** From the start to the list of tools. */
  readonly startMs?: number;
  /** From a call to its answer, with or without progress. */
  readonly callMs?: number;
}

/** A server that is started here and spoken to over stdio. */
export interface ChildSpec extends SpecBase {
  readonly kind: 'child';
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

/** A server on the network. */
export interface RemoteSpec extends SpecBase {
  readonly kind: 'remote';
  /** `auto`: Streamable HTTP, and SSE where the server knows only that. */
  readonly transport: 'http' | 'sse' | 'auto';
  readonly url: string;
  /** Sent with every request. May hold credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly oauth?: OAuthClient | undefined;
}

/** A client that was registered by hand at the server's authorization server; without one it is registered as needed. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** Of the redirect to this machine, where the registration fixes it. */
  readonly callbackPort?: number | undefined;
  /** `client_credentials`: for machines, with nobody to sign in. */
  readonly grant: 'authorization_code' | 'client_credentials';
  /** Where client credentials may be sent. */
  readonly issuer?: string | undefined;
}

export type ServerSpec = ChildSpec | RemoteSpec;

export type Variables = Readonly<Record<string, string | undefined>>;

export const ownServers: readonly SystemId[] = systems.map(({ id }) => id);

/** For every server of ours. None is a secret. */
const shared = ['SWITCHBOARD_STATE_DIR', 'SWITCHBOARD_LOG', 'SWITCHBOARD_RATE_LIMITS'];

/** What a process needs to find programs, its home, a scratch folder, a route out and the language; none is a secret. */
const inherited =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PATHEXT',
        'PROCESSOR_ARCHITECTURE',
        'PROGRAMFILES',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'TMP',
        'USERNAME',
        'USERPROFILE',
      ]
    : ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER'];

/** Company networks: the way out for our own servers that speak HTTPS, and the authorities they trust. */
const network = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Where a value that is a reference leads: what else its server must be given to follow it. */
const referenceVariables: readonly (readonly [reference: RegExp, names: RegExp])[] = [
  [/^vault:/, /^VAULT_/],
  [/^aws-sm:/, /^AWS_/],
  // As a password of its own, or within DATABASE_URL.
  [/^rds-iam:|:rds-iam(?::|%3A)/i, /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)(?:_FILE)?$/],
];

/** The inherited part of an environment that is otherwise built from nothing. */
export function baseEnvironment(variables: Variables): Record<string, string> {
  return pick(variables, (name) => inherited.includes(name));
}

/**
 * Our three servers.
 * @param folder where the bundles are: `dist/servers`.
 * @param variables the configuration, as DESIGN section 5 names it: the host's environment, or settings made into variables.
 */
export function ownServerSpecs(folder: string, variables: Variables): readonly ChildSpec[] {
  return ownServers.map((id) => ({
    kind: 'child',
    id,
    title: systemOf(id).title,
    command: process.execPath,
    args: [join(folder, `${id}.cjs`)],
    env: { ...ownEnvironment(id, variables), ...asPlainNode() },
    trusted: true,
  }));
}

/** What one server of ours is given of the configuration: its own variables and no other server's. */
export function ownEnvironment(id: SystemId, variables: Variables): Record<string, string> {
  const settings = pick(variables, (name) => systemOf(id).variables.test(name));
  // `ssh` asks the person's agent for the key.
  const tunnelled = id === 'postgres' && (settings['DB_SSH'] ?? settings['DB_SSH_FILE'] ?? '') !== '';
  return {
    ...pick(variables, (name) => [...inherited, ...network, ...shared].includes(name)),
    ...settings,
    ...(tunnelled && pick(variables, (name) => name === 'SSH_AUTH_SOCK')),
    ...referenced(variables, Object.values(settings)),
  };
}

/** Whether anything is there that points at this system: else it is left out, and that is no fault. */
export function isGiven(id: SystemId, variables: Variables): boolean {
  const isOwn = (name: string): boolean => systemOf(id).variables.test(name) && !isIdle.test(name);
  return Object.entries(variables).some(([name, value]) => isOwn(name) && (value ?? '') !== '');
}

/** Other programs use these as well, and they name no server to connect to. */
const isIdle = /^PG(?!HOST|SERVICE(?:_FILE)?$)/;

/** `DB_PASSWORD=env:PGPASSWORD` is of no use to a server that is not given PGPASSWORD. */
function referenced(variables: Variables, values: readonly string[]): Record<string, string> {
  const names = new Set(values.filter((value) => value.startsWith('env:')).map((value) => value.slice('env:'.length)));
  const targets = pick(variables, (name) => names.has(name));
  const all = [...values, ...Object.values(targets)];
  const needed = referenceVariables.filter(([reference]) => all.some((value) => reference.test(value)));
  return { ...targets, ...pick(variables, (name) => needed.some(([, wanted]) => wanted.test(name))) };
}

function pick(variables: Variables, wanted: (name: string) => boolean): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    // A value that begins so is an exported shell function: code, not a setting.
    if (value !== undefined && wanted(name) && !value.startsWith('() {')) picked[name] = value;
  }
  return picked;
}

/** VS Code's process is Electron, which runs a script as Node only when told to. */
function asPlainNode(): Record<string, string> {
  return process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
}
