import * as z from 'zod';

/** A message as conversations.history and conversations.replies give it, as far as we read it. */
export const messageSchema = z.object({
  ts: z.string(),
  user: z.string().optional(),
  username: z.string().optional(),
  bot_id: z.string().optional(),
  subtype: z.string().optional(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  reply_count: z.number().default(0),
  edited: z.unknown().optional(),
  reactions: z.array(z.object({ name: z.string(), count: z.number() })).default([]),
  files: z.array(z.object({ name: z.string().optional(), title: z.string().optional() })).default([]),
  blocks: z.array(z.unknown()).default([]),
  attachments: z.array(z.unknown()).default([]),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
});
export type ReadMessage = z.infer<typeof messageSchema>;

const markup = /<([@#!]?)([^>|]*)(?:\|([^>]*))?>/g;

/** Ids of people whom the text names. */
export function mentionedIds(text: string): string[] {
  return [...text.matchAll(markup)].filter(([, mark]) => mark === '@').map(([, , id]) => id ?? '');
}

/** mrkdwn as people see it: names for ids, link texts with their addresses. */
export function readableText(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .replace(markup, (_, mark: string, target: string, label: string | undefined) => {
      if (mark === '@') return `@${names.get(target) ?? label ?? target}`;
      if (mark === '#') return `#${label ?? target}`;
      if (mark === '!') return `@${label ?? target.replace(/^subteam\^/, 'group ')}`;
      return label === undefined || label === target ? target : `${label} (${target})`;
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
