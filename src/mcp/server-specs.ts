import { remoteVariables, systemOf, systems, type SystemId } from '../../servers/contract/systems.ts';
import { isTraced, isTracingVariable } from '../../servers/contract/telemetry/settings.ts';
import { join } from 'node:path';

/** What is known about a server before connecting. */
interface SpecBase {
  /** Our id, not the server's own name. Prefix of its tool names: `postgres`. */
  readonly id: string;
  readonly title: string;
  /** One of our servers: its annotations and `_meta` are trusted. Those of third parties are hints. */
  readonly trusted: boolean;
  readonly limits?: ServerLimits;
  /** The tools of a third party that the user's file allows, by the server's names. */
  readonly offered?: { readonly only: readonly string[] | undefined; readonly without: readonly string[] };
}

/** Time limits that replace the defaults, in milliseconds. */
export interface ServerLimits {
  /** From start to the list of tools. */
  readonly startMs?: number;
  /** From a call to its response, with or without progress. */
  readonly callMs?: number;
}

/** A local server over stdio. */
export interface ChildSpec extends SpecBase {
  readonly kind: 'child';
  readonly command: string;
  readonly args: readonly string[];
  /** The complete environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** For our own servers: whether Node's permission model restricts the process. */
  readonly confinement?: Confinement;
}

export type Confinement =
  | {
      readonly kind: 'on';
      /** The first of `args`. */
      readonly flags: readonly string[];
      readonly reads: 'listed' | 'all';
    }
  | {
      readonly kind: 'off';
      readonly why: string;
      /** It is off on every machine. */
      readonly isUsual?: true;
    };

/** A remote server. */
export interface RemoteSpec extends SpecBase {
  readonly kind: 'remote';
  /** `auto`: Streamable HTTP, or SSE if the server supports only that. */
  readonly transport: 'http' | 'sse' | 'auto';
  readonly url: string;
  /** Sent with every request. May contain credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly oauth?: OAuthClient | undefined;
  /** Requested at sign-in. By default, those that the server lists. */
  readonly scopes?: readonly string[] | undefined;
  /** What is wrong with the settings. The server is then not contacted. */
  readonly flaw?: string | undefined;
}

/** A client registered manually with the authorization server. Without one, a client is registered when needed. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** The port of the local redirect, when the registration fixes it. */
  readonly callbackPort?: number | undefined;
  /** `client_credentials`: for machines, without a user to sign in. */
  readonly grant: 'authorization_code' | 'client_credentials';
  /** Where client credentials may be sent. */
  readonly issuer?: string | undefined;
}

export type ServerSpec = ChildSpec | RemoteSpec;

export type Variables = Readonly<Record<string, string | undefined>>;

export const ownServers: readonly SystemId[] = systems.map(({ id }) => id);

/** For all our servers. Only the URL of the state database may hold a secret: where it is set, they keep their state there. */
const stateUrl = ['SWITCHBOARD_STATE_URL', 'SWITCHBOARD_STATE_URL_FILE'];
const plain = ['SWITCHBOARD_STATE_DIR', 'SWITCHBOARD_LOG', 'SWITCHBOARD_RATE_LIMITS', 'SWITCHBOARD_RECORDS_URL'];
const shared = [...plain, ...stateUrl];

/** What a process needs to find programs, its home folder, a temporary folder, the proxy and the language. None is a secret. */
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

/** For company networks: proxies and trusted certificate authorities for our servers that use HTTPS. */
const network = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Extra variables that a server needs to resolve a value that is a reference. */
const referenceVariables: readonly (readonly [reference: RegExp, names: RegExp])[] = [
  [/^vault:/, /^VAULT_/],
  [/^aws-sm:/, /^AWS_/],
  // As a separate password or inside DATABASE_URL.
  [/^rds-iam:|:rds-iam(?::|%3A)/i, /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)(?:_FILE)?$/],
];

/** The inherited part of an environment that otherwise starts empty. */
export function baseEnvironment(variables: Variables): Record<string, string> {
  return pick(variables, (name) => inherited.includes(name));
}

/**
 * Our three servers on this machine.
 * @param folder where the bundles are: `dist/servers`.
 * @param variables the configuration: the host's environment, or settings turned into variables.
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

/** The configuration that one of our servers gets: its own variables and no other server's. */
export function ownEnvironment(id: SystemId, variables: Variables): Record<string, string> {
  const settings = pick(variables, (name) => systemOf(id).variables.test(name));
  // `ssh` asks the person's agent for the key.
  const tunnelled = id === 'postgres' && (settings['DB_SSH'] ?? settings['DB_SSH_FILE'] ?? '') !== '';
  return {
    ...pick(variables, (name) => [...inherited, ...network, ...shared].includes(name)),
    ...settings,
    ...(isTraced(variables) && pick(variables, isTracingVariable)),
    ...(tunnelled && pick(variables, (name) => name === 'SSH_AUTH_SOCK')),
    ...referenced(variables, [...Object.values(settings), variables['SWITCHBOARD_STATE_URL'] ?? '']),
  };
}

/** Whether any variable configures this system. If not, the server is omitted without an error. */
export function isGiven(id: SystemId, variables: Variables): boolean {
  const isOwn = (name: string): boolean =>
    name === remoteVariables(id).url || (systemOf(id).variables.test(name) && !isIdle.test(name));
  return Object.entries(variables).some(([name, value]) => isOwn(name) && (value ?? '') !== '');
}

/** Other programs use these, too, and they name no server to connect to. */
const isIdle = /^PG(?!HOST|SERVICE(?:_FILE)?$)/;

/** `DB_PASSWORD=env:PGPASSWORD` works only if the server also gets PGPASSWORD. */
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
    // Such a value is an exported shell function: code, not a setting.
    if (value !== undefined && wanted(name) && !value.startsWith('() {')) picked[name] = value;
  }
  return picked;
}

/** VS Code runs on Electron, which acts as Node only when told to. */
function asPlainNode(): Record<string, string> {
  return process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
}
