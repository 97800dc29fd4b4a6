import * as z from 'zod';

/** "ENG". Upper case on the way in. */
export const projectKeySchema = z
  .string()
  .trim()
  .toUpperCase()
  .refine((key) => /^[A-Z][A-Z0-9_]{0,99}$/.test(key), 'must be a project key, such as ENG');

/** "ENG-42". A browse link of Jira is understood as well. */
export const issueKeySchema = z
  .string()
  .trim()
  .transform((text) => /^https?:\/\/[^/]+\/(?:[^/]+\/)?browse\/([A-Za-z0-9_-]+)$/.exec(text)?.[1] ?? text)
  .transform((text) => text.toUpperCase())
  .pipe(z.string().regex(/^[A-Z][A-Z0-9_]{0,99}-\d{1,12}$/, 'must be an issue key, such as ENG-42'));

export function projectOfKey(issueKey: string): string {
  return issueKey.slice(0, issueKey.lastIndexOf('-'));
}
