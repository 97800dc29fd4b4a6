import { isAbsolute, join } from 'node:path';
import { parseEnv } from 'node:util';
import * as z from 'zod';
import { systems } from '../../../servers/contract/systems.ts';
import {
  baseEnvironment,
  type OAuthClient,
  type RemoteSpec,
  type ServerLimits,
  type ServerSpec,
} from '../server-specs.ts';
import { EntryError } from './errors.ts';
import { expandVariables, type ExpansionContext } from './expand-variables.ts';
import { inOurSpelling } from './foreign-spellings.ts';
import { ownRemote } from '../remote/own-servers.ts';
import { flawOfUrl } from '../remote/remote-url.ts';

export interface EntryContext extends ExpansionContext {
  /** Text of a file that the entry names (`envFile`). @throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

export interface Entry {
  /** Undefined when the file turns the server off. */
  readonly spec: ServerSpec | undefined;
  /** Whether it is one of our own servers, running elsewhere. */
  readonly isOwn?: true;
  /** Keys without effect here: unknown ones, or ones that only other hosts use. */
  readonly ignoredKeys: readonly string[];
}

/** People write numbers and booleans where a process takes text. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Anything but a list of names has no effect. */
const names = z.array(z.string()).optional().catch(undefined);

const entrySchema = z.looseObject({
  type: z.string().optional(),
  transport: z.string().optional(),
  transportType: z.string().optional(),
  command: z.string().min(1).optional(),
  args: z.array(scalar).default([]),
  env: z.record(z.string(), z.union([scalar, z.null()])).default({}),
  envFile: z.string().min(1).optional(),
  cwd: z.string().min(1).optional(),
  url: z.string().min(1).optional(),
  serverUrl: z.string().min(1).optional(),
  httpUrl: z.string().min(1).optional(),
  headers: z.record(z.string(), scalar).default({}),
  disabled: z.boolean().optional(),
  enabled: z.boolean().optional(),
  tools: names,
  includeTools: names,
  excludeTools: names,
  disabledTools: names,
  timeout: z.number().positive().optional(),
  /** One of our own servers, running elsewhere. */
  system: z.enum(systems.map(({ id }) => id)).optional(),
  oauth: z
    .object({
      /** Without one, a client is registered as needed. */
      clientId: z.string().min(1).optional(),
      clientSecret: z.string().min(1).optional(),
      scopes: z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/))]).optional(),
      callbackPort: z.int().min(1).max(65_535).optional(),
      grant: z.enum(['authorization_code', 'client_credentials']).default('authorization_code'),
      issuer: z.url().optional(),
    })
    .optional(),
});

type RawEntry = z.infer<typeof entrySchema>;

const usedKeys = new Set(Object.keys(entrySchema.shape));
/** Only describes the server. */
const descriptiveKeys = new Set(['description', 'version', 'gallery', 'name', 'icon', '$schema', 'dev', 'source']);

/**
 * One server entry in the format of VS Code, Cursor, Claude Desktop, Claude Code, Cline or Gemini CLI.
 * @throws EntryError that names the wrong field and what is expected.
 */
export function readEntry(id: string, title: string, value: unknown, context: EntryContext): Entry {
  const parsed = entrySchema.safeParse(inOurSpelling(value));
  if (!parsed.success) throw new EntryError(describeIssue(parsed.error.issues[0]));
  const raw = parsed.data;
  const ignoredKeys = Object.keys(raw).filter((key) => !usedKeys.has(key) && !descriptiveKeys.has(key));
  if (raw.disabled === true || raw.enabled === false) return { spec: undefined, ignoredKeys };
  const base = { id, title, trusted: false, ...limitsOf(raw), ...choiceOf(raw) };
  const url = raw.url ?? raw.httpUrl ?? raw.serverUrl;
  const kind = kindOf(raw, url);
  if (raw.system !== undefined && kind !== 'http') throw new EntryError("system: needs type 'http' and a url");
  if (kind === 'child') return { spec: { ...base, kind, ...childOf(raw, context) }, ignoredKeys };
  if (url === undefined) throw new EntryError(`url: is required for type '${kind}'`);
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(raw.headers)) {
    headers[name] = expandVariables(header, `headers.${name}`, context);
  }
  const oauth = oauthOf(raw.oauth, context);
  if (raw.system !== undefined) {
    const place = {
      url: checkUrl(expandVariables(url, 'url', context)),
      headers,
      ...(oauth !== undefined && { oauth }),
    };
    return { spec: { ...ownRemote(raw.system, place), ...limitsOf(raw) }, isOwn: true, ignoredKeys };
  }
  const spec: RemoteSpec = {
    ...base,
    kind: 'remote',
    transport: kind,
    url: checkUrl(expandVariables(url, 'url', context)),
    headers,
    ...(oauth !== undefined && { oauth }),
  };
  return { spec, ignoredKeys };
}

function oauthOf(raw: RawEntry['oauth'], context: EntryContext): OAuthClient | undefined {
  if (raw?.clientId === undefined) return undefined;
  if (raw.grant === 'client_credentials' && (raw.clientSecret === undefined || raw.issuer === undefined)) {
    throw new EntryError(
      'oauth: client_credentials needs clientSecret and issuer. The secret is sent only to the issuer.',
    );
  }
  return {
    ...raw,
    clientId: expandVariables(raw.clientId, 'oauth.clientId', context),
    ...(raw.clientSecret !== undefined && {
      clientSecret: expandVariables(raw.clientSecret, 'oauth.clientSecret', context),
    }),
  };
}

/** `tools` (Copilot) and `includeTools` (Gemini) list the tools to offer. The others list the tools to leave out. */
function choiceOf({
  tools,
  includeTools,
  excludeTools = [],
  disabledTools = [],
}: RawEntry): Pick<ServerSpec, 'offered'> {
  const wanted = includeTools ?? tools;
  const only = wanted === undefined || wanted.includes('*') ? undefined : wanted;
  const without = [...excludeTools, ...disabledTools];
  return only === undefined && without.length === 0 ? {} : { offered: { only, without } };
}

/** Below 1,000 the unit is seconds, as in Cline and Roo Code; otherwise milliseconds, as elsewhere. */
function limitsOf({ timeout }: RawEntry): { readonly limits?: ServerLimits } {
  if (timeout === undefined) return {};
  const callMs = timeout < 1000 ? timeout * 1000 : timeout;
  return { limits: { callMs } };
}

function kindOf(raw: RawEntry, url: string | undefined): 'child' | RemoteSpec['transport'] {
  const named = raw.type ?? raw.transportType ?? raw.transport;
  switch (named?.toLowerCase().replaceAll(/[^a-z]/g, '')) {
    case undefined:
      if (raw.command !== undefined) return 'child';
      if (url !== undefined) return 'auto';
      throw new EntryError('command: is required (a program to start), or url for a remote server');
    case 'stdio':
    case 'local':
      return 'child';
    case 'http':
    case 'streamablehttp':
      return 'http';
    case 'sse':
      return 'sse';
    case 'remote':
      return 'auto';
    default:
      throw new EntryError(`type: '${named ?? ''}' is unknown; use stdio, http or sse`);
  }
}

function childOf(raw: RawEntry, context: EntryContext) {
  if (raw.command === undefined) throw new EntryError('command: is required (a program to start)');
  const expand = (text: string, field: string): string => expandVariables(text, field, context);
  const env: Record<string, string> = { ...baseEnvironment(context.variables) };
  if (raw.envFile !== undefined) Object.assign(env, readEnvFile(expand(raw.envFile, 'envFile'), context));
  for (const [name, given] of Object.entries(raw.env)) {
    if (given === null) delete env[name];
    else env[name] = expand(given, `env.${name}`);
  }
  return {
    command: expand(raw.command, 'command'),
    args: raw.args.map((argument, index) => expand(argument, `args[${index}]`)),
    env,
    ...(raw.cwd !== undefined && { cwd: expand(raw.cwd, 'cwd') }),
  };
}

function readEnvFile(path: string, { readFile, workspaceFolder }: EntryContext): Record<string, string> {
  const whole = isAbsolute(path) ? path : join(workspaceFolder ?? '.', path);
  try {
    const read = Object.entries(parseEnv(readFile(whole)));
    return Object.fromEntries(read.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new EntryError(`envFile: ${whole} cannot be read (${code})`, { cause: error });
  }
}

function checkUrl(text: string): string {
  const flaw = flawOfUrl(text);
  if (flaw !== undefined) throw new EntryError(`url: ${flaw}`);
  return new URL(text).href;
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path.map(String).join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'is not valid'}`;
}
