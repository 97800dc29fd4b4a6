import * as z from 'zod';
import type { Property } from '../client/jira-api.ts';

/** Property of an issue or a comment that carries the mark by which it is found again after a lost answer. */
export const propertyName = 'switchboard';

export function markProperty(mark: string): Property {
  return { key: propertyName, value: { mark } };
}

export function markOf(value: unknown): string | undefined {
  return z.object({ mark: z.string() }).safeParse(value).data?.mark;
}

/** Keeps a comment of a service project from its customers, on Cloud and on Data Center. */
export const internalComment: Property = { key: 'sd.public.comment', value: { internal: true } };
