import * as z from 'zod';
import type { Answer } from './model.ts';

/** Another account, which sees fewer projects. */
export interface Colleague {
  readonly email: string;
  readonly token: string;
  readonly sees: readonly string[];
}

export function authorizationOf({ email, token }: Pick<Colleague, 'email' | 'token'>): string {
  return `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
}

/** Removes from a response what the colleague may not read. */
export function asSeenBy({ sees }: Colleague, path: string, answer: Answer): Answer {
  const asked = /\/(?:project|createmeta)\/([A-Z]{2,})\b/u.exec(path)?.[1];
  if (asked !== undefined && !sees.includes(asked))
    return { status: 404, body: { errorMessages: [`No project could be found with key '${asked}'.`], errors: {} } };
  const { data } = pageSchema.safeParse(answer.body);
  if (!path.startsWith('/project/search') || data === undefined) return answer;
  return { ...answer, body: { ...data, values: data.values.filter(({ key }) => sees.includes(key)) } };
}

const pageSchema = z.looseObject({ values: z.array(z.looseObject({ key: z.string() })) });
