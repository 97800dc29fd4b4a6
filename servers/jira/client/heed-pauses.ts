import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from '../../contract/retry-after.ts';
import { ToolError } from '../../kit/errors.ts';
import { waitOut, type Pauses } from '../../kit/pauses.ts';

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly isWrite: boolean;
}

interface Call {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** Longer waits are left to the caller. */
export const longestWaitMs = 5000;

/**
 * Waits while Jira asks this account to, whichever replica it told.
 * @throws ToolError `rate_limited` without a request when it is for long.
 */
export async function heedPauses(pauses: Pauses, request: Request, { signal, progress }: Call): Promise<void> {
  const { account, endpoint, issue } = bucketsOf(request);
  for (let told = false; ; told = true) {
    const left = pauses.left(account, endpoint, ...(issue === undefined ? [] : [issue]));
    if (left === 0) return;
    if (left > longestWaitMs)
      throw new ToolError('rate_limited', 'Jira applied a rate limit, which still lasts. Nothing was sent.', {
        retryAfterMs: left,
      });
    if (!told) progress(`Jira asks to wait ${Math.ceil(left / 1000)} s`);
    await waitOut(left, signal);
  }
}

/** Keeps how long Jira asks to wait: for the account, unless it says that less is limited. */
export function startPause(
  pauses: Pauses,
  request: Request,
  { status, headers }: { status: number; headers: IncomingHttpHeaders },
): void {
  const wait = status === 429 ? retryAfterMs(headers['retry-after']) : undefined;
  if (wait === undefined) return;
  const { account, endpoint, issue } = bucketsOf(request);
  const reason = String(headers['ratelimit-reason'] ?? '');
  if (reason.includes('per-issue')) pauses.start(issue ?? endpoint, wait);
  else pauses.start(reason.includes('burst') ? endpoint : account, wait);
}

function bucketsOf({ method, url, headers, isWrite }: Request): { account: string; endpoint: string; issue?: string } {
  const account = `${url.origin}\n${headers['authorization']}`;
  const endpoint = `${account}\n${method} ${url.pathname.replaceAll(/\/(?:[A-Z][A-Z0-9_]*-)?\d+(?=\/|$)/gu, '/*')}`;
  const key = isWrite ? /\/issue\/(?<key>[^/]+)/u.exec(url.pathname)?.groups?.['key'] : undefined;
  return { account, endpoint, ...(key !== undefined && { issue: `${account}\nissue ${key}` }) };
}
