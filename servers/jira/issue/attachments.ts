import type { Attachment } from '../client/response-schemas.ts';

/** Finds an attachment by id or file name. Jira allows duplicate names; the newest wins. */
export function findAttachment(attachments: readonly Attachment[], wanted: string): Attachment | undefined {
  const byId = attachments.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const newest = attachments.toSorted((a, b) => (b.created ?? '').localeCompare(a.created ?? ''));
  const same = (name: string) => name.toLowerCase() === wanted.trim().toLowerCase();
  return newest.find(({ filename }) => filename === wanted) ?? newest.find(({ filename }) => same(filename));
}
