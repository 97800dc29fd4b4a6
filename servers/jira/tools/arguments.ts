// Arguments shared by several tools. Limits are checked in code, not in the schema, because tools/list costs tokens on
// every turn.
import * as z from 'zod';

const atMost = (length: number) => (text: string) => text.length <= length;

/** A name, a word or a key, on one line. */
export const shortText = z.string().trim().min(1).refine(atMost(500), 'must be at most 500 characters');

/** One line with visible text. */
export const summaryText = z
  .string()
  .refine((text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), 'must be a line of visible text');

/** Any length. The field's own limit applies after conversion. */
export const markdownText = z.string();

export const labelList = z.array(z.string().refine(atMost(255), 'must be at most 255 characters')).optional();

/** Account ids that `[~accountid:ID]` in the text notifies. Any other id stays text. */
export const mentionList = z.array(z.string().refine(atMost(128), 'must be an account id')).optional();

/** Further fields by name or id. */
export const fieldMap = z.record(z.string(), z.unknown()).optional();

/** The body of a comment. */
export const internalFlag = z.boolean().default(false);

/** By email address, name, id or "me". */
export const personList = z.array(shortText).max(20).optional();
