/** What a webhook says has happened. */
export interface Incident {
  /** The same for the same incident, however often it is told. */
  readonly key: string;
  /** What it consists of, if that changes while it lasts. Another one with one of these is the same incident. */
  readonly parts?: readonly string[];
  /** What triggers refer to: `labels.severity`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type ReadIncident =
  | { readonly kind: 'incident'; readonly incident: Incident }
  /** Nothing that starts a run. `why` is told to the sender. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'invalid'; readonly why: string };

/** @returns undefined unless it is there and no object or list. */
export function valueAt(fields: unknown, path: string): string | number | boolean | undefined {
  let value = fields;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
