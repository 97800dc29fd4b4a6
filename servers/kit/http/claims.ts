import * as z from 'zod';

/** A list, or words in one text. Anything else counts as empty. */
export function words(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return z.array(z.string()).safeParse(value).data ?? [];
}

/** A claim by its name or path: "realm_access.roles". */
export function claimAt(payload: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split('.')) value = z.record(z.string(), z.unknown()).safeParse(value).data?.[name];
  return value;
}
