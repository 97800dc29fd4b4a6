/**
 * Slack's checks of blocks, with its wording of errors: `must be less than 151 characters
 * [json-pointer:/blocks/0/text/text]`. Limits: docs.slack.dev/reference/block-kit/blocks, and for the whole message
 * what bolt-js#2509 measured.
 */
import * as z from 'zod';

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();
const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), style });
const link = z.strictObject({
  type: z.literal('link'),
  url: z.string().min(1).max(3000),
  text: z.string().min(1).optional(),
  unsafe: z.boolean().optional(),
  style,
});
const inline = z.discriminatedUnion('type', [
  text,
  link,
  z.strictObject({ type: z.literal('emoji'), name: z.string().min(1), unicode: z.string().optional(), style }),
  z.strictObject({ type: z.literal('user'), user_id: z.string().regex(/^[UW][A-Z0-9]+$/), style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string().regex(/^S[A-Z0-9]+$/), style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string().regex(/^[CG][A-Z0-9]+$/), style }),
]);
const section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(inline).min(1) });
const border = z.union([z.literal(0), z.literal(1)]).optional();
const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: z.string().max(255).optional(),
  elements: z
    .array(
      z.discriminatedUnion('type', [
        section,
        z.strictObject({
          type: z.literal('rich_text_list'),
          style: z.enum(['bullet', 'ordered']),
          indent: z.int().min(0).max(8).optional(),
          offset: z.int().min(0).optional(),
          border,
          elements: z.array(section).min(1),
        }),
        z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(inline).min(1), border }),
        z.strictObject({
          type: z.literal('rich_text_preformatted'),
          elements: z.array(z.discriminatedUnion('type', [text, link])).min(1),
          border,
          language: z.string().min(1).optional(),
        }),
      ]),
    )
    .min(1),
});
const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });
const markdownText = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });
const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), markdownText(max)]);
/** docs.slack.dev/reference/block-kit/block-elements/button-element */
const button = z.strictObject({
  type: z.literal('button'),
  action_id: z.string().min(1).max(255),
  text: plainText(75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});
const cell = z.discriminatedUnion('type', [
  richText,
  z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) }),
]);

export const blockSchema = z.discriminatedUnion('type', [
  richText,
  z.strictObject({ type: z.literal('header'), text: plainText(150) }),
  z.strictObject({ type: z.literal('divider') }),
  z.strictObject({
    type: z.literal('section'),
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
  }),
  z.strictObject({ type: z.literal('context'), elements: z.array(anyText(3000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    block_id: z.string().max(255).optional(),
    elements: z.array(button).min(1).max(25),
  }),
  z.strictObject({ type: z.literal('markdown'), text: z.string().min(1).max(12_000) }),
  z.strictObject({
    type: z.literal('table'),
    rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
    column_settings: z
      .array(
        z.strictObject({ align: z.enum(['left', 'center', 'right']).optional(), is_wrapped: z.boolean().optional() }),
      )
      .max(20)
      .optional(),
  }),
]);
export type StoredBlock = z.infer<typeof blockSchema>;
export type StoredInline = z.infer<typeof inline>;
export type StoredRichText = z.infer<typeof richText>;

const longestMessage = 13_200;
const mostBlocks = 50;
const longestTable = 10_000;

/** All characters that a reader sees, wherever they are in the blocks. */
export function visibleLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + visibleLength(item), 0);
  if (value === null || typeof value !== 'object') return 0;
  let length = 0;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'text' && typeof item === 'string') length += item.length;
    else length += visibleLength(item);
  }
  return length;
}

/** @returns the error that Slack would return, or the blocks */
export function checkBlocks(raw: unknown): { error: string; messages: string[] } | { blocks: StoredBlock[] } {
  if (!Array.isArray(raw)) return { error: 'invalid_blocks_format', messages: [] };
  if (raw.length > mostBlocks)
    return { error: 'invalid_blocks', messages: ['[ERROR] no more than 50 items allowed [json-pointer:/blocks]'] };
  const messages: string[] = [];
  const blocks: StoredBlock[] = [];
  for (const [index, item] of raw.entries()) {
    const parsed = blockSchema.safeParse(item);
    if (parsed.success) blocks.push(parsed.data);
    else
      for (const issue of parsed.error.issues)
        messages.push(
          `[ERROR] ${issue.message} [json-pointer:/blocks/${[index, ...issue.path.map(String)].join('/')}]`,
        );
  }
  if (messages.length > 0) return { error: 'invalid_blocks', messages };
  const tables = blocks.filter((block) => block.type === 'table');
  if (tables.length > 1) return { error: 'invalid_blocks', messages: ['[ERROR] only_one_table_allowed'] };
  for (const table of tables) {
    const width = table.rows[0]?.length;
    if (table.rows.some((row) => row.length !== width))
      return { error: 'invalid_blocks', messages: ['[ERROR] all rows must have the same number of cells'] };
    if (visibleLength(table.rows) > longestTable)
      return { error: 'invalid_blocks', messages: ['[ERROR] table exceeds 10000 characters'] };
  }
  if (visibleLength(blocks) > longestMessage) return { error: 'msg_blocks_too_long', messages: [] };
  return { blocks };
}
