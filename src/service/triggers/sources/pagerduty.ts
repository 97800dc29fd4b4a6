import * as z from 'zod';
import type { ReadIncident } from '../incident.ts';

/** V3 (developer.pagerduty.com/docs/webhooks-overview). */
const payloadSchema = z.object({
  event: z.looseObject({
    id: z.string(),
    event_type: z.string(),
    data: z.looseObject({ id: z.string().min(1) }),
  }),
});

export function readPagerduty(body: unknown): ReadIncident {
  const { data, error } = payloadSchema.safeParse(body);
  if (data === undefined) return { kind: 'invalid', why: `not a PagerDuty V3 webhook: ${z.prettifyError(error)}` };
  const { event } = data;
  if (event.event_type !== 'incident.triggered') return { kind: 'nothing', why: `the event is ${event.event_type}` };
  return {
    kind: 'incident',
    incident: { key: event.data.id, fields: { ...event.data, event_type: event.event_type } },
  };
}
