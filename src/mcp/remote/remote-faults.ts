import * as z from 'zod';
import { networkFault } from '../../../servers/contract/network/faults.ts';
import type { ToolFailure } from '../../agent/tools.ts';
import { flawOfToken } from '../auth/token-flaw.ts';
import { isHttpFault } from '../client/mcp-client.ts';
import type { RemoteSpec } from '../server-specs.ts';
import type { NotOpen } from '../server-state.ts';

export const signInHint =
  'The user must sign in: "Sign In to MCP Server..." in VS Code, or switchboard mcp login on the command line.';

export function hostOf({ url }: Pick<RemoteSpec, 'url'>): string {
  return URL.parse(url)?.host ?? url;
}

export interface OpeningFault {
  readonly error: unknown;
  /** What the SDK's own error says. */
  readonly described: 'asks for a sign-in' | (string & {});
  /** The token that was sent, if any. */
  readonly token: string | undefined;
  /** Who has to get another token: the person by signing in, or whoever gave this one. */
  readonly tokenIs: 'signed-in' | 'given';
}

/** Why a remote server cannot be used and what to do about it, in one line. */
export function explainOpening(spec: RemoteSpec, fault: OpeningFault): NotOpen {
  const host = hostOf(spec);
  const notOpen = (cause: NotOpen['cause'], said: string): NotOpen => ({
    kind: 'not-open',
    cause,
    reason: `${spec.title} cannot be used: ${said}`,
  });
  const { error, described } = fault;
  if (described === 'asks for a sign-in') return explainToken(spec, fault, notOpen);
  const network = networkFault(error, host);
  if (network !== undefined) {
    const isLasting = network.kind === 'certificate' || network.kind === 'not-tls' || network.kind === 'address';
    return notOpen(isLasting ? 'start' : 'away', network.message.replace(/\.$/u, ''));
  }
  if (!isHttpFault(error)) return notOpen('start', `${host} ${described}`);
  if (error.status === 403 && error.missingScope !== undefined) {
    const scope = error.missingScope === '' ? 'a scope' : `the scope ${error.missingScope}`;
    return notOpen('settings', `the token for ${host} lacks ${scope}. Ask its administrator for a token with it`);
  }
  const isAway = error.status === 429 || error.status >= 500;
  const advice = adviceFor[error.status];
  return notOpen(isAway ? 'away' : 'start', `${host} ${described}${advice === undefined ? '' : `. ${advice}`}`);
}

const adviceFor: Readonly<Record<number, string>> = {
  403: 'Ask its administrator whether you may use it',
  404: 'Check the path of the URL',
  405: 'Check the path of the URL',
  421: 'The server does not know this name: its administrator adds it to SWITCHBOARD_HTTP_HOSTS',
};

function explainToken(
  spec: RemoteSpec,
  { token, tokenIs }: OpeningFault,
  notOpen: (cause: NotOpen['cause'], said: string) => NotOpen,
): NotOpen {
  const host = hostOf(spec);
  if (token === undefined) return notOpen('sign-in', `${host} asks for a sign-in`);
  const flaw = flawOfToken(token, spec.url);
  const said = flaw === undefined ? '' : `: it ${flaw}`;
  if (tokenIs === 'signed-in') return notOpen('sign-in', `${host} asks for a sign-in. It rejected the token${said}`);
  const advice = flaw === undefined ? '. Check it, or ask for a new one' : '';
  const what = spec.trusted ? 'the token' : 'the Authorization header';
  return notOpen('settings', `${host} rejected ${what}${said}${advice}`);
}

/** The failure of a call that was rejected before it reached the server; undefined if it may have been done. */
export function explainRejected(title: string, error: unknown): ToolFailure | undefined {
  if (!isHttpFault(error)) return undefined;
  const { status, missingScope } = error;
  const said = messageOf(error.body) ?? `HTTP ${status}`;
  const message = `${title} was rejected: ${said}`;
  if (status === 401) return { code: 'unauthorized', message, hint: signInHint, retryable: false };
  if (status === 403) {
    const scope = missingScope === undefined || missingScope === '' ? '' : ` (${missingScope})`;
    const hint = `The token does not allow this${scope}. The user must get one that does.`;
    return { code: 'forbidden', message, hint, retryable: false };
  }
  if (status === 429) return { code: 'rate_limited', message, retryable: true, retryAfterMs: 1000 };
  // Anything may answer 5xx, also after it has forwarded the call. With this body it was the server, before the call.
  if (status === 503 && messageOf(error.body) !== undefined) return { code: 'unreachable', message, retryable: true };
  return status >= 400 && status < 500 ? { code: 'upstream_error', message, retryable: false } : undefined;
}

const refusedSchema = z.object({ id: z.null(), error: z.object({ code: z.literal(-32_000), message: z.string() }) });

/** Of a JSON-RPC error without an id: the server rejected the request before it looked at the message. */
function messageOf(body: string): string | undefined {
  try {
    return refusedSchema.safeParse(JSON.parse(body)).data?.error.message;
  } catch {
    return undefined;
  }
}
