import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import { retryAfterMs } from '../../contract/retry-after.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Request {
  readonly url: URL;
  readonly isWrite: boolean;
}

/** Jira's own error texts, to quote: field errors by field id, and the rest. */
export interface JiraComplaint {
  readonly fields: Readonly<Record<string, string>>;
  readonly messages: readonly string[];
}

const complaintSchema = z.object({
  errorMessages: z.array(z.string()).catch([]),
  errors: z.record(z.string(), z.unknown()).catch({}),
});

/** The maximum length of quoted text from Jira. */
const longestQuote = 500;

/** Statuses below 500 from a proxy that timed out. The request it forwarded may have been carried out. */
const mayBeDone: ReadonlySet<number> = new Set([408, 499]);

/** The failure that a response represents; undefined if it is not a failure. */
export function failureOf(answer: Answer, request: Request): ToolError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    // An accepted write is done, even if Jira saw us as anonymous.
    return request.isWrite ? undefined : refusedLogin(answer);
  }
  if (status >= 300 && status < 400) return redirected(answer, request);
  if (request.isWrite && (status >= 500 || mayBeDone.has(status)))
    return new ToolError('outcome_unknown', `Jira failed while processing the request (${status}).`, {
      details: { status },
    });
  const login = status === 429 ? undefined : (refusedLogin(answer) ?? blockedOnTheWay(answer));
  if (login !== undefined) return login;
  const complaint = readComplaint(answer.body);
  const details = { status, ...(complaint !== undefined && { jira: complaint }) };
  const said = complaint === undefined ? '' : `: ${quote(complaint)}`;
  switch (status) {
    case 400:
    case 422:
      return new ToolError('invalid_arguments', `Jira rejected the request${said || '.'}`, { details });
    case 401:
      return new ToolError('unauthorized', 'Jira rejected the credentials.', { hint: checkCredentials, details });
    case 403:
      return new ToolError('forbidden', `The Jira account is not allowed to do this${said || '.'}`, { details });
    case 404:
      return new ToolError('not_found', `It does not exist in Jira, or the account cannot see it${said || '.'}`, {
        details,
      });
    case 409:
      return new ToolError('conflict', `Someone else changed it at the same time${said || '.'}`, {
        details,
        retryable: true,
      });
    case 413:
      return new ToolError('too_large', `The request is larger than Jira accepts${said || '.'}`, { details });
    case 429:
      return limited(answer);
    default:
      return new ToolError('upstream_error', `Jira responded with status ${status}${said || '.'}`, {
        details,
        retryable: status >= 500 || mayBeDone.has(status),
      });
  }
}

const checkCredentials =
  'Check JIRA_EMAIL and JIRA_TOKEN (Cloud) or JIRA_PAT (Data Center); the token may have expired.';

/**
 * Jira treats a rejected token like an anonymous request: 200 with no results, 404, or 400 for a private project. Only
 * the headers reveal it.
 */
function refusedLogin({ status, headers }: Answer): ToolError | undefined {
  const valuesOf = (name: string): string[] =>
    [headers[name] ?? []].flat().flatMap((value) =>
      value
        .toUpperCase()
        .split(/[,;]/)
        .map((part) => part.trim()),
    );
  const reasons = valuesOf('x-seraph-loginreason');
  const details = { status, ...(reasons.length > 0 && { loginReason: reasons.join(', ') }) };
  if (
    valuesOf('x-authentication-denied-reason').some((reason) => reason.startsWith('CAPTCHA')) ||
    reasons.includes('AUTHENTICATION_DENIED')
  )
    return new ToolError('unauthorized', 'Jira requires a CAPTCHA for this account after too many failed logins.', {
      hint: 'Log in to Jira in a browser as this account, solve the CAPTCHA, then try again.',
      details,
    });
  if (reasons.includes('AUTHORISATION_FAILED') || reasons.includes('AUTHORIZATION_FAILED'))
    return new ToolError('forbidden', 'The account exists but has no access to this Jira.', {
      hint: 'A Jira administrator must give the account access to the product.',
      details,
    });
  const isAnonymous =
    reasons.includes('AUTHENTICATED_FAILED') ||
    reasons.includes('OUT') ||
    valuesOf('x-ausername').includes('ANONYMOUS');
  if (!isAnonymous) return undefined;
  return new ToolError('unauthorized', 'Jira rejected the credentials and treated the request as anonymous.', {
    hint: checkCredentials,
    details,
  });
}

/** A 403 from an IP allow list or from a gateway in front of Jira has nothing to do with permissions. */
function blockedOnTheWay({ status, headers, body }: Answer): ToolError | undefined {
  if (status !== 403) return undefined;
  if (/\bIP\b[^<]{0,120}(?:allow|reject|block|restrict|denied)|(?:allow|block)[^<]{0,60}\bIP\b/i.test(body))
    return new ToolError('forbidden', 'Jira rejects requests from this IP address.', {
      hint: 'Ask an administrator to add the address to the IP allow list, or connect through the company network (VPN).',
      details: { status },
    });
  if (headers['content-type']?.includes('html') !== true) return undefined;
  return new ToolError(
    'forbidden',
    'A gateway or firewall in front of Jira blocked the request: a 403 web page came instead of data.',
    {
      hint: 'Check JIRA_URL, and whether Jira can be reached from this network.',
      details: { status },
    },
  );
}

function redirected({ status, headers }: Answer, { url }: Request): ToolError {
  const location = headers.location;
  const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  const isElsewhere = target !== undefined && target.origin !== url.origin;
  const where = target === undefined ? 'another address' : isElsewhere ? target.origin : target.pathname;
  return new ToolError(
    'upstream_error',
    `Jira answered with a redirect to ${where}, which is not followed (${status}).`,
    {
      hint: "Set JIRA_URL to Jira's final address. A redirect to a login page means that the credentials were rejected.",
    },
  );
}

function limited({ headers }: Answer): ToolError {
  const wait = retryAfterMs(headers['retry-after']);
  const reason = headers['ratelimit-reason'];
  return new ToolError(
    'rate_limited',
    `Jira applied a rate limit${typeof reason === 'string' ? ` (${reason})` : ''}.`,
    {
      ...(wait !== undefined && { retryAfterMs: wait }),
    },
  );
}

/** A 2xx that is not JSON comes from a gateway. The request did not reach Jira. */
export function notJson(answer: Answer, request: Request, cause?: unknown): ToolError {
  const isPage = answer.headers['content-type']?.includes('html') === true;
  if (isPage)
    return new ToolError(
      'unauthorized',
      `A web page came instead of data from ${request.url.origin}. It is most likely a gateway's login page.`,
      { hint: 'Check JIRA_URL, and that the token works without a browser login.' },
    );
  const code = request.isWrite ? 'outcome_unknown' : 'upstream_error';
  return new ToolError(code, 'The response from Jira is not JSON.', {}, { cause });
}

export function tooLong(bytes: number, isWrite: boolean): ToolError {
  return new ToolError(
    isWrite ? 'outcome_unknown' : 'too_large',
    `The response from Jira is longer than ${bytes / 1024 / 1024} MB.`,
    {
      hint: 'Ask for fewer results.',
    },
  );
}

function readComplaint(body: string): JiraComplaint | undefined {
  try {
    const { errorMessages, errors } = complaintSchema.parse(JSON.parse(body));
    const fields = Object.entries(errors).map(([id, text]) => [id, cut(String(text))] as const);
    if (errorMessages.length === 0 && fields.length === 0) return undefined;
    return { fields: Object.fromEntries(fields), messages: errorMessages.slice(0, 10).map(cut) };
  } catch {
    return undefined; // not JSON, so there is nothing to quote
  }
}

function quote({ fields, messages }: JiraComplaint): string {
  return cut(
    [...messages, ...Object.entries(fields).map(([id, text]) => `${id}: ${text}`)]
      .map((text) => `“${text}”`)
      .join('; '),
  );
}

function cut(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
}
