import { mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ChildSpec, Confinement } from '../server-specs.ts';

/**
 * One of our servers under Node's permission model where that is possible: it reads and writes only the files that it needs, and starts no
 * programs, threads or native code. What it may reach over the network does not change.
 * @param runtime the flags that the server's runtime knows: the same as ours.
 */
export function confined(
  spec: ChildSpec,
  runtime: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): ChildSpec {
  const confinement = confine(spec, runtime);
  return confinement.kind === 'off'
    ? { ...spec, confinement }
    : { ...spec, confinement, args: [...confinement.flags, ...spec.args] };
}

/** The same server without restrictions, for a runtime that turned out not to accept the flags. */
export function unconfined(spec: ChildSpec, why: string): ChildSpec {
  if (spec.confinement?.kind !== 'on') return spec;
  return { ...spec, args: spec.args.slice(spec.confinement.flags.length), confinement: { kind: 'off', why } };
}

/** "restricted: ...", for people. */
export function describeConfinement(confinement: Confinement): string {
  if (confinement.kind === 'off') return `not restricted: ${confinement.why}`;
  const reads = confinement.reads === 'all' ? 'reads any file' : 'reads only the files of its settings';
  return `restricted: ${reads}, writes only its state, starts no programs`;
}

function confine({ id, args, env }: ChildSpec, runtime: ReadonlySet<string>): Confinement {
  const off = (why: string) => ({ kind: 'off', why }) as const;
  const [bundle, stateFolder] = [args[0] ?? '', env['SWITCHBOARD_STATE_DIR'] ?? ''];
  // Node forbids fsync with it, and nothing is written to Jira or Slack before that is on record.
  if (id !== 'postgres') return { ...off('its record of writes needs fsync, which Node then forbids'), isUsual: true };
  if (!runtime.has('--permission')) return off(`Node ${process.versions.node} has no permission model`);
  if (process.platform === 'win32') return off('Windows has not been tested');
  if (stateFolder === '') return off('it has no state folder of its own');
  const values = Object.values(env);
  if ((env['DB_SSH'] ?? env['DB_SSH_FILE'] ?? '') !== '') return off('it starts ssh');
  if (values.some((value) => /^(?:aws-sm|rds-iam):|:rds-iam(?::|%3A)/iu.test(value)))
    return off('the AWS SDK may start programs for its credentials');
  const reads = namesFilesElsewhere(env) ? 'all' : 'listed';
  const [state, dist] = [withTarget(madeFolder(stateFolder)), withTarget(dirname(dirname(resolve(bundle))))];
  const listed = [...dist, ...state, '/proc', ...ofSettings(env), ...ofHome(env), ...ofLibpq(env)];
  if ([...listed, ...state].some((path) => /[,*]/u.test(path))) return off('a path has a comma or an asterisk');
  const flags = [
    '--permission',
    ...(reads === 'all' ? ['--allow-fs-read=*'] : both('--allow-fs-read', listed)),
    ...both('--allow-fs-write', [...state, ...socketFolder(env)]),
    // Node 25 denies the network, too, unless told otherwise.
    ...(runtime.has('--allow-net') ? ['--allow-net'] : []),
  ];
  return { kind: 'on', flags, reads };
}

/** A folder and all below it, whether or not it exists yet. */
function both(flag: string, paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].flatMap((path) => [`${flag}=${path}`, `${flag}=${join(path, '*')}`]);
}

/** The path as given, and where it leads if it is a link. */
function withTarget(path: string): readonly string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

/** A server that may write nowhere else cannot make its own folder. */
function madeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    // The server says what is wrong with it.
  }
  return path;
}

/** A URL, a service file or a value kept elsewhere may name more files, which only the server gets to know. */
function namesFilesElsewhere(env: ChildSpec['env']): boolean {
  const sources = ['DATABASE_URL', 'DATABASES', 'PGSERVICE', 'PGSERVICEFILE', 'SWITCHBOARD_STATE_URL'].flatMap(
    (name) => [name, `${name}_FILE`],
  );
  if (sources.some((name) => (env[name] ?? '') !== '')) return true;
  return Object.entries(env).some(([name, value]) => /SSL|PASSFILE/u.test(name) && /^(?:env|file|vault):/u.test(value));
}

/** Every file or folder that a setting names. */
function ofSettings(env: ChildSpec['env']): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const path = value.startsWith('file:') ? value.slice('file:'.length) : value;
    const isNamed = /(?:_FILE|_CERT|_CERTS|CERT|KEY|CRL|PASSFILE|_DIR)$/u.test(name) || value.startsWith('file:');
    if (name === 'SSL_CERT_DIR') return value.split(/[:;](?=[\\/])/u).filter((each) => each !== '');
    if (!isNamed || path === '' || name === 'SWITCHBOARD_STATE_DIR') return [];
    return withTarget(resolve(path));
  });
}

/** Vault's token of a pod. */
function ofHome(env: ChildSpec['env']): readonly string[] {
  return Object.keys(env).some((name) => name.startsWith('VAULT_')) ? ['/var/run/secrets', '/run/secrets'] : [];
}

/** Where libpq looks by itself. */
function ofLibpq(env: ChildSpec['env']): readonly string[] {
  const home = env['HOME'] ?? homedir();
  return [...['.pgpass', '.postgresql'].map((name) => join(home, name)), ...socketFolder(env)];
}

function socketFolder(env: ChildSpec['env']): readonly string[] {
  return [env['DB_HOST'], env['PGHOST']].flatMap((host) => (host !== undefined && isAbsolute(host) ? [host] : []));
}
