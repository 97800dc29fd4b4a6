import * as z from 'zod';
import type { Property } from '../client/jira-api.ts';

/** The property of an issue or comment that holds the marker for finding it again after a lost response. */
export const propertyName = 'switchboard';

export function markProperty(mark: string): Property {
  return { key: propertyName, value: { mark } };
}

export function markOf(value: unknown): string | undefined {
  return z.object({ mark: z.string() }).safeParse(value).data?.mark;
}

/** Hides a comment of a service project from its customers, on Cloud and Data Center. */
export const internalComment: Property = { key: 'sd.public.comment', value: { internal: true } };
