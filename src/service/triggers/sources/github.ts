import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { ReadIncident } from '../incident.ts';

const bodySchema = z.record(z.string(), z.unknown());

/**
 * One delivery is one incident. Its id is in a header, which the signature does not cover: so it is known by its bytes,
 * which are the same when it is delivered again. Triggers can name a better key: `{{workflow_run.id}}`.
 */
export function readGithub(body: unknown, headers: IncomingHttpHeaders, digest: string): ReadIncident {
  const { data } = bodySchema.safeParse(body);
  const { 'x-github-event': event } = headers;
  if (data === undefined || typeof event !== 'string')
    return { kind: 'invalid', why: 'not a GitHub webhook: X-GitHub-Event is missing' };
  if (event === 'ping') return { kind: 'nothing', why: 'pong' };
  return { kind: 'incident', incident: { key: digest, fields: { ...data, event } } };
}
