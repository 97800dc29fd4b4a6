import * as z from 'zod';

/** The keys that every read tool uses to return a table. */
export const columnSchema = z.object({ name: z.string(), type: z.string() });
export const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
