import * as z from 'zod';
import type { MentionInline } from '../format/blocks.ts';

/** The only way to create a live mention. */
export const mentionsInput = z
  .array(
    z
      .strictObject({
        type: z.enum(['user', 'group', 'channel', 'here', 'everyone']),
        id: z
          .string()
          .regex(/^[UWS][A-Z0-9]{5,}$/, 'must be an id such as U0123456789 (find_slack_users finds it)')
          .optional(),
      })
      .refine(
        ({ type, id }) =>
          type === 'user' ? /^[UW]/.test(id ?? '') : type === 'group' ? id?.startsWith('S') === true : id === undefined,
        'user wants id U..., group wants id S..., the others want none',
      ),
  )
  .max(10);

export function toMentionInlines(mentions: z.infer<typeof mentionsInput>): MentionInline[] {
  return mentions.map(({ type, id = '' }): MentionInline => {
    if (type === 'user') return { type: 'user', user_id: id };
    if (type === 'group') return { type: 'usergroup', usergroup_id: id };
    return { type: 'broadcast', range: type };
  });
}

/** As people will see the mentions. */
export function describeMention(mention: MentionInline, names: ReadonlyMap<string, string>): string {
  if (mention.type === 'broadcast') return `@${mention.range}`;
  if (mention.type === 'usergroup') return `@${names.get(mention.usergroup_id) ?? `group ${mention.usergroup_id}`}`;
  return `@${names.get(mention.user_id) ?? mention.user_id}`;
}
