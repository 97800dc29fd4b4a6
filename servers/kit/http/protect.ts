import type { IncomingMessage } from 'node:http';
import { isLoopback } from './option.ts';
import { refuse, type Refusal } from './refusal.ts';

export interface Expected {
  /** Names of this server in lower case. A name with a port allows only that port. */
  readonly hosts: readonly string[];
  /** Origins of pages that may call, besides pages of this server itself. */
  readonly origins: readonly string[];
}

/** If sent twice, a proxy in front may have checked the other one. */
const single = new Set([
  'authorization',
  'host',
  'origin',
  'content-type',
  'content-length',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
]);

/** Protects against web pages that reach this server through a browser: by DNS rebinding or from a foreign origin. */
export function checkHeaders(request: IncomingMessage, expected: Expected): Refusal | undefined {
  const seen = new Set<string>();
  for (const [index, name] of request.rawHeaders.entries()) {
    if (index % 2 === 1) continue;
    const lower = name.toLowerCase();
    if (!single.has(lower)) continue;
    if (seen.has(lower)) return refuse(400, 'header sent twice', `The header ${lower} was sent twice.`);
    seen.add(lower);
  }
  const { host, origin } = request.headers;
  if (host === undefined || !isNamed(host, expected.hosts))
    return refuse(421, 'host', 'This server does not have that name.');
  if (origin === undefined) return undefined;
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  const isOwn = page !== undefined && page.origin === origin && isNamed(page.host, expected.hosts);
  if (isOwn || expected.origins.includes(origin)) return undefined;
  return refuse(403, 'origin', 'Pages of this origin may not call this server.');
}

/** The name of this machine with any port, because a container's port may be mapped. */
function isNamed(host: string, names: readonly string[]): boolean {
  const lower = host.toLowerCase();
  const parts = /^(?<name>\[[0-9a-f:.]+\]|[^:[\]@/\\?#\s]+)(?::\d{1,5})?$/u.exec(lower)?.groups;
  const name = parts?.['name'];
  return name !== undefined && (names.includes(lower) || names.includes(name));
}

/** The names of a server that listens only on this machine, or of its public address. */
export function namesOf(host: string, publicUrl: URL | undefined): readonly string[] {
  const own = isLoopback(host) ? ['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host] : [];
  return [...own, ...(publicUrl === undefined ? [] : [publicUrl.hostname.toLowerCase()])];
}
