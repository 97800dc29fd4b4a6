import * as z from 'zod';

/** The keys under which every read tool returns a table. */
export const columnSchema = z.object({ name: z.string(), type: z.string() });
export const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
