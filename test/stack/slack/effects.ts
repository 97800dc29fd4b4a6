/** The effects of a message: whom it notifies and which URLs Slack would fetch. */
const liveMention =
  /<(?:!(here|channel|everyone)(?:\|[^>]*)?|@([UW][A-Z0-9]+)(?:\|[^>]*)?|!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?)>/g;
const markupLink = /<(https?:\/\/[^|>\s]+)(?:\|[^>]*)?>/g;
const bareLink = /https?:\/\/[^\s<>|]+/g;

export function notifiedBy(message: { text: string; blocks: readonly unknown[]; linkNames: boolean }): string[] {
  const found: string[] = [];
  const inMarkup = (markup: string): void => {
    for (const [, broadcast, user, group] of markup.matchAll(liveMention)) {
      if (broadcast !== undefined) found.push(`@${broadcast}`);
      else found.push(user ?? group ?? '');
    }
    if (message.linkNames) for (const [, name] of markup.matchAll(/(?:^|\s)@([a-z0-9._-]+)/g)) found.push(`@${name}`);
  };
  inMarkup(message.text);
  walk(message.blocks, (item) => {
    if (item['type'] === 'broadcast') found.push(`@${String(item['range'])}`);
    if (item['type'] === 'user') found.push(String(item['user_id']));
    if (item['type'] === 'usergroup') found.push(String(item['usergroup_id']));
    // Whether a markdown block honours <!channel> is not documented; the stand-in assumes the worst.
    if ((item['type'] === 'mrkdwn' || item['type'] === 'markdown') && typeof item['text'] === 'string')
      inMarkup(item['text']);
  });
  return [...new Set(found)];
}

/** Unfurling is on unless switched off: `unfurl_links` for pages, `unfurl_media` for pictures and videos. */
export function unfurledBy(message: {
  text: string;
  blocks: readonly unknown[];
  unfurlLinks: boolean;
  unfurlMedia: boolean;
}): string[] {
  const found: string[] = [];
  const inText = (text: string): void => {
    for (const [, address] of text.matchAll(markupLink)) found.push(address ?? '');
    for (const [address] of text.replaceAll(markupLink, ' ').matchAll(bareLink)) found.push(address);
  };
  if (message.blocks.length === 0) inText(message.text);
  walk(message.blocks, (item) => {
    if (item['type'] === 'link') found.push(String(item['url']));
    if ((item['type'] === 'mrkdwn' || item['type'] === 'markdown') && typeof item['text'] === 'string')
      inText(item['text']);
  });
  const isMedia = (address: string): boolean => /\.(?:png|jpe?g|gif|webp|mp4|mp3)(?:\?|$)/i.test(address);
  return [...new Set(found)].filter((address) => (isMedia(address) ? message.unfurlMedia : message.unfurlLinks));
}

function walk(value: unknown, visit: (item: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (value !== null && typeof value === 'object') {
    visit(value as Record<string, unknown>);
    for (const item of Object.values(value)) walk(item, visit);
  }
}
