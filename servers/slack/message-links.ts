/** The target of a Slack link. */
export interface MessageLink {
  readonly channel: string;
  /** The message timestamp; undefined for a link to a channel. */
  readonly ts: string | undefined;
  /** The timestamp of the first message in its thread. */
  readonly threadTs: string | undefined;
}

const host = /(?:^|\.)slack(?:-gov)?\.com$|^(?:127\.0\.0\.1|localhost)$/;

/**
 * "https://shop.slack.com/archives/C0123456789/p1700000000000100?thread_ts=1700000000.000000", as *Copy link* produces
 * it, or a URL from the browser's address bar. It may have angle brackets and a label.
 */
export function readMessageLink(text: string): MessageLink | undefined {
  const address = /^<?([^<>|\s]+)(?:\|[^>]*)?>?$/.exec(text.trim())?.[1] ?? '';
  const url = /^https?:/.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !host.test(url.hostname)) return undefined;
  const archived = /^\/archives\/([CDG][A-Z0-9]{5,})(?:\/p(\d{10})(\d{6}))?\/?$/.exec(url.pathname);
  if (archived !== null) {
    const [, channel = '', seconds, rest] = archived;
    const thread = url.searchParams.get('thread_ts');
    const threadTs = thread !== null && /^\d{10}\.\d{6}$/.test(thread) ? thread : undefined;
    return { channel, ts: seconds === undefined ? undefined : `${seconds}.${rest}`, threadTs };
  }
  const opened = /^\/client\/[TE][A-Z0-9]+\/([CDG][A-Z0-9]{5,})(?:\/thread\/[CDG][A-Z0-9]+-(\d{10}\.\d{6}))?/.exec(
    url.pathname,
  );
  return opened === null ? undefined : { channel: opened[1] ?? '', ts: opened[2], threadTs: opened[2] };
}

/** "1700000000.000100", "p1700000000000100" as in a link, or the link itself. */
export function readTs(text: string, of: 'message' | 'thread'): string | undefined {
  const given = text.trim();
  if (/^\d{10}\.\d{6}$/.test(given)) return given;
  const [, seconds, rest] = /^p?(\d{10})(\d{6})$/.exec(given) ?? [];
  if (seconds !== undefined) return `${seconds}.${rest}`;
  const link = readMessageLink(given);
  return of === 'thread' ? (link?.threadTs ?? link?.ts) : link?.ts;
}
