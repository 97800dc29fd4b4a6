import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { isSystemVariable } from '../../servers/contract/systems.ts';
import type { AuditHeads } from '../sessions/audit-heads.ts';
import type { Variables } from '../settings.ts';
import { SettingsError } from './exit-codes.ts';

/** Places outside this machine that receive the ends of the audit logs after each run. */
export interface AnchorSinks {
  /** A shell command that gets the output of `switchboard audit anchor` on standard input. */
  readonly command: string | undefined;
  /** Gets a POST with `{text, anchor}`. A Slack webhook shows the text. */
  readonly url: URL | undefined;
}

const limitMs = 10_000;
/** The command must not get our credentials. Of libpq's variables only the password is one. */
function isOurs(name: string): boolean {
  if (/^(?:ANTHROPIC|PG)_|^PGPASSWORD$|^SWITCHBOARD_AUDIT_ANCHOR_URL$/.test(name)) return true;
  return isSystemVariable(name) && !name.startsWith('PG');
}

/** Read only from the environment: no runbook, workspace or policy can set one. @throws SettingsError */
export function anchorSinksOf(variables: Variables): AnchorSinks {
  const command = variables['SWITCHBOARD_AUDIT_ANCHOR_COMMAND']?.trim();
  const address = variables['SWITCHBOARD_AUDIT_ANCHOR_URL']?.trim();
  return {
    command: command === '' ? undefined : command,
    url: address === undefined || address === '' ? undefined : readUrl(address),
  };
}

function readUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const here = url !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (here && url.protocol === 'http:')) return url;
  throw new SettingsError('SWITCHBOARD_AUDIT_ANCHOR_URL must be an https address');
}

/** Sends the anchor to every sink. Resolves with errors in words without secrets. Errors do not fail the run. */
export async function keepAnchor(
  sinks: AnchorSinks,
  heads: AuditHeads,
  variables: Variables,
  send: typeof fetch = fetch,
): Promise<string[]> {
  const anchor = JSON.stringify(heads);
  const sending = [
    ...(sinks.command === undefined ? [] : [runCommand(sinks.command, `${anchor}\n`, variables)]),
    ...(sinks.url === undefined ? [] : [post(sinks.url, anchor, heads, send)]),
  ];
  const results = await Promise.allSettled(sending);
  return results.flatMap((result) =>
    result.status === 'fulfilled' ? [] : [`the audit anchor was not stored: ${messageOf(result.reason)}`],
  );
}

async function runCommand(command: string, input: string, variables: Variables): Promise<void> {
  const environment = Object.entries(variables).filter(([name]) => !isOurs(name));
  const child = spawn(command, {
    shell: true,
    env: Object.fromEntries(environment),
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: limitMs,
  });
  // A command may ignore its input. Only its exit code counts.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const complaint = text(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const said = (await complaint).trim().split('\n').at(-1) ?? '';
  const how = code === null ? `did not end within ${limitMs / 1000} s` : `ended with ${code}`;
  throw new Error(`the command ${how}${said === '' ? '' : ` (${said})`}`);
}

async function post(url: URL, anchor: string, heads: AuditHeads, send: typeof fetch): Promise<void> {
  const response = await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: anchor, anchor: heads }),
    redirect: 'error',
    signal: AbortSignal.timeout(limitMs),
  }).catch((error: unknown) => {
    // The URL may be a secret, so only its host is named.
    throw new Error(`${url.host} cannot be reached`, { cause: error });
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
