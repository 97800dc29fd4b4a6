import { createHash } from 'node:crypto';
import { createLimiterOf, type Limiter, type Rate } from '../rate-limit.ts';
import type { StateDatabase } from './database.ts';

/**
 * A limit that all replicas count together, to the call: the row's lock puts their takes in one order. Windows begin and
 * end by the database's clock, because a replica whose clock is ahead would otherwise end the window of all.
 * @param name of the limit, which has no line breaks
 */
export function createSharedLimiter(database: StateDatabase, name: string, { points, durationMs }: Rate): Limiter {
  return createLimiterOf(async (key) => {
    const values = [digest(`${name}\n${key}`), durationMs];
    const [taken] = await database.query<{ points: number; ms: number }>(take, values);
    if (taken === undefined) return durationMs;
    return taken.points > points ? Math.max(1, taken.ms) : undefined;
  });
}

/** `expire` is in milliseconds since 1970. Points stop before they overflow. */
const take = `
  with clock as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as now)
  insert into switchboard.quota as q (key, points, expire) select $1, 1, now + $2 from clock
  on conflict (key) do update set
    points = case when q.expire <= excluded.expire - $2 then 1 else least(q.points, 2000000000) + 1 end,
    expire = case when q.expire <= excluded.expire - $2 then excluded.expire else q.expire end
  returning points, (expire - (select now from clock))::float8 as ms`;

/** Hashed, because names may be long and contain any character. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
