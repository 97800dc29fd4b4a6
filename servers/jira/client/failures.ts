import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import { retryAfterMs } from '../../kit/retry-after.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Request {
  readonly url: URL;
  readonly isWrite: boolean;
}

/** Jira's own words, for quoting: field errors by field id, and the rest. */
export interface JiraComplaint {
  readonly fields: Readonly<Record<string, string>>;
  readonly messages: readonly string[];
}

const complaintSchema = z.object({
  errorMessages: z.array(z.string()).catch([]),
  errors: z.record(z.string(), z.unknown()).catch({}),
});

/** How much of Jira's text is worth repeating. */
const longestQuote = 500;

/** The failure that an answer stands for; undefined when it is none. */
export function failureOf(answer: Answer, request: Request): ToolError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return redirected(answer, request);
  if (status >= 500 && request.isWrite)
    return new ToolError('outcome_unknown', `Jira failed while it worked on the request (${status}).`, {
      details: { status },
    });
  const complaint = readComplaint(answer.body);
  const details = { status, ...(complaint !== undefined && { jira: complaint }) };
  const said = complaint === undefined ? '' : `: ${quote(complaint)}`;
  switch (status) {
    case 400:
    case 422:
      return new ToolError('invalid_arguments', `Jira did not accept the request${said || '.'}`, { details });
    case 401:
      return new ToolError('unauthorized', 'Jira did not accept the credentials.', {
        hint: 'Check JIRA_EMAIL and JIRA_TOKEN (Cloud) or JIRA_PAT (Data Center); the token may have expired.',
        details,
      });
    case 403:
      return new ToolError('forbidden', `The Jira account may not do this${said || '.'}`, { details });
    case 404:
      return new ToolError('not_found', `Jira knows no such thing, or the account may not see it${said || '.'}`, {
        details,
      });
    case 409:
      return new ToolError('conflict', `Somebody changed the same thing at the same time${said || '.'}`, {
        details,
        retryable: true,
      });
    case 413:
      return new ToolError('too_large', `This is more than Jira accepts${said || '.'}`, { details });
    case 429:
      return limited(answer);
    default:
      return new ToolError('upstream_error', `Jira answered with status ${status}${said || '.'}`, {
        details,
        retryable: status >= 500,
      });
  }
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
      hint: 'Set JIRA_URL to the address that Jira finally has; a redirect to a login page means that the credentials were not accepted.',
    },
  );
}

function limited({ headers }: Answer): ToolError {
  const wait = retryAfterMs(headers['retry-after']);
  const reason = headers['ratelimit-reason'];
  return new ToolError(
    'rate_limited',
    `Jira limits how often it may be asked${typeof reason === 'string' ? ` (${reason})` : ''}.`,
    {
      ...(wait !== undefined && { retryAfterMs: wait }),
    },
  );
}

/** A 2xx that is not JSON is a page of something in between: nothing of Jira's has taken the request. */
export function notJson(answer: Answer, request: Request, cause?: unknown): ToolError {
  const isPage = answer.headers['content-type']?.includes('html') === true;
  if (isPage)
    return new ToolError(
      'unauthorized',
      `A web page came instead of data from ${request.url.origin}: most likely a login page of a gateway.`,
      { hint: 'Check JIRA_URL, and that the token is accepted without a browser login.' },
    );
  const code = request.isWrite ? 'outcome_unknown' : 'upstream_error';
  return new ToolError(code, 'The answer of Jira cannot be read: it is not JSON.', {}, { cause });
}

export function tooLong(bytes: number, isWrite: boolean): ToolError {
  return new ToolError(
    isWrite ? 'outcome_unknown' : 'too_large',
    `The answer of Jira is longer than ${bytes / 1024 / 1024} MB.`,
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
    return undefined; // not JSON: nothing worth quoting
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
