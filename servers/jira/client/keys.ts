import * as z from 'zod';

/** "ENG". Converted to upper case. */
export const projectKeySchema = z
  .string()
  .trim()
  .toUpperCase()
  .refine((key) => /^[A-Z][A-Z0-9_]{0,99}$/.test(key), 'must be a project key, such as ENG');

/** "ENG-42". A link is not accepted, because it may belong to another Jira with the same key. */
export const issueKeySchema = z
  .string()
  .trim()
  .toUpperCase()
  .refine((key) => /^[A-Z][A-Z0-9_]{0,99}-\d{1,12}$/.test(key), 'must be an issue key, such as ENG-42');

export function projectOfKey(issueKey: string): string {
  return issueKey.slice(0, issueKey.lastIndexOf('-'));
}
