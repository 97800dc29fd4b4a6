import type { Log } from '../log.ts';
import { createPauses, digestOf, longestPauseMs, type Pauses } from '../pauses.ts';
import type { StateDatabase } from './database.ts';
import type { Notices } from './notices.ts';

/** By the database's clock, because those of the replicas may differ. */
const leftMs = 'ceil(extract(epoch from until - clock_timestamp()) * 1000)::float8 as ms';

/**
 * What one replica is asked by Jira or Slack to wait, all of them wait. Each keeps it in memory, so that no request
 * waits for the database; without it, a replica knows only of its own.
 */
export function createSharedPauses(
  database: StateDatabase,
  server: string,
  notices: Notices,
  log: Log,
): Pauses & { readonly load: () => void } {
  const own = createPauses();
  const tell = (error: unknown): void => log('warn', 'cannot share a pause', { error: String(error) });
  const load = (digest?: string): void => {
    database
      .query<{ bucket: string; ms: number }>(
        `select encode(bucket, 'hex') as bucket, ${leftMs} from switchboard.upstream_pause
         where upstream = $1 and ($2::text is null or bucket = decode($2, 'hex')) and until > clock_timestamp()`,
        [server, digest ?? null],
      )
      .then((rows) => rows.forEach(({ bucket, ms }) => own.keep(bucket, ms)))
      .catch(tell);
  };
  notices.on('pause', load);
  return {
    left: own.left,
    load: () => load(),
    start: (bucket, ms) => {
      own.start(bucket, ms);
      database
        .query(
          `with kept as (
             insert into switchboard.upstream_pause as known (upstream, bucket, until)
             values ($1, decode($2, 'hex'), clock_timestamp() + $3 * interval '1 millisecond')
             on conflict (upstream, bucket) do update set until = greatest(known.until, excluded.until)
             returning bucket)
           select pg_notify('switchboard_pause', $1 || E'\\n' || encode(bucket, 'hex')) from kept`,
          [server, digestOf(bucket), Math.min(ms, longestPauseMs)],
        )
        .catch(tell);
    },
  };
}
