// Arguments that several tools take. Limits are checks, not schema: tools/list is paid for on every turn.
import * as z from 'zod';

const atMost = (length: number) => (text: string) => text.length <= length;

/** A name, a word, a key: what a person would type into one line. */
export const shortText = z.string().trim().min(1).refine(atMost(500), 'must be at most 500 characters');

/** One line; what is left of it must be something to see. */
export const summaryText = z
  .string()
  .refine((text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), 'must be a line of text that can be seen');

/** Of any length: what counts is the limit of the field, after conversion. */
export const markdownText = z.string();

export const labelList = z.array(z.string().refine(atMost(255), 'must be at most 255 characters')).optional();

/** Account ids, of which `[~accountid:ID]` in the text notifies; any other stays text. */
export const mentionList = z.array(z.string().refine(atMost(128), 'must be an account id')).optional();

/** Further fields by name or id. */
export const fieldMap = z.record(z.string(), z.unknown()).optional();

/** Of a comment. */
export const internalFlag = z.boolean().default(false);

/** By e-mail address, name, id or "me". */
export const personList = z.array(shortText).max(20).optional();
