import * as z from 'zod';
import type { ReadIncident } from '../incident.ts';

const bodySchema = z.looseObject({ incident: z.string().min(1) });

/** Any sender that signs. The body names the incident. */
export function readHmac(body: unknown): ReadIncident {
  const { data } = bodySchema.safeParse(body);
  if (data === undefined) return { kind: 'invalid', why: 'the body must be an object with `incident`, a text' };
  return { kind: 'incident', incident: { key: data.incident, fields: data } };
}
