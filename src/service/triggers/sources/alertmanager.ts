import * as z from 'zod';
import { canonicalJson } from '../../../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../../../servers/contract/sha256.ts';
import type { ReadIncident } from '../incident.ts';

const words = z.record(z.string(), z.string());

/** Version 4 (prometheus.io/docs/alerting/latest/configuration, webhook_config). */
const payloadSchema = z.object({
  version: z.literal('4'),
  groupKey: z.string().min(1),
  receiver: z.string(),
  groupLabels: words,
  commonLabels: words,
  commonAnnotations: words,
  externalURL: z.string().optional(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: words,
      annotations: words,
      startsAt: z.string(),
      generatorURL: z.string().optional(),
      fingerprint: z.string().optional(),
    }),
  ),
});

/** A group of alerts is one incident, from its first alert until all are resolved. */
export function readAlertmanager(body: unknown): ReadIncident {
  const { data, error } = payloadSchema.safeParse(body);
  if (data === undefined) return { kind: 'invalid', why: `not an Alertmanager webhook: ${z.prettifyError(error)}` };
  const alerts = data.alerts.filter(({ status }) => status === 'firing');
  const [startsAt] = alerts.map((alert) => alert.startsAt).toSorted();
  if (startsAt === undefined) return { kind: 'nothing', why: 'no alert is firing' };
  const { groupKey, receiver, groupLabels, commonLabels, commonAnnotations, externalURL } = data;
  return {
    kind: 'incident',
    incident: {
      key: `${groupKey} ${startsAt}`,
      // The first alert may be resolved while others go on: then another one is the first.
      parts: alerts.map(({ labels, startsAt: since }) => partOf([groupKey, labels, since])),
      fields: {
        groupKey,
        receiver,
        groupLabels,
        labels: commonLabels,
        annotations: commonAnnotations,
        externalURL,
        alerts,
        startsAt,
        count: alerts.length,
      },
    },
  };
}

function partOf(alert: readonly unknown[]): string {
  return sha256Hex(canonicalJson(alert)).slice(0, 32);
}
