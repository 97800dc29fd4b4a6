import type { Log } from '../../../servers/kit/log.ts';
import type { StateDatabase } from '../../../servers/kit/state/database.ts';
import type { SlackApi } from '../slack/slack-api.ts';
import { approvalColumns, type ApprovalStore } from './approval-store.ts';
import { approvalCard, type Links } from './card/approval-card.ts';
import { readRow, type WaitingWrite } from './waiting-write.ts';

export interface PosterOptions {
  readonly database: StateDatabase;
  readonly store: ApprovalStore;
  readonly slack: SlackApi;
  readonly links: Links | undefined;
  readonly log: Log;
}

export interface Poster {
  /** Resolves when what is being posted is posted. */
  readonly stop: () => Promise<void>;
}

/** Expiries come without news. */
const lookAgainMs = 15_000;
/** After this, what a process took and did not post is taken by another, and what failed is tried again. */
const leaseSeconds = 60;

/**
 * Posts what waits, and shows on each message how it ended, wherever it was answered. Several processes may do so: each
 * message is taken by one. A process that dies between posting and recording it leaves a message whose buttons are refused.
 */
export function startPoster({ database, store, slack, links, log }: PosterOptions): Poster {
  const stopped = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const news = store.watch.next(lookAgainMs, stopped.signal);
      try {
        const due = await take(database);
        for (const write of due) await show(write);
        if (due.length > 0) continue;
      } catch (error) {
        log('warn', 'cannot post approvals', { error: String(error) });
      }
      await news;
    }
  }

  async function show(write: WaitingWrite): Promise<void> {
    const { text, blocks } = approvalCard(write, links);
    const form = { text, blocks: JSON.stringify(blocks) };
    const { posted } = write;
    const answer =
      posted === undefined
        ? await slack.call('chat.postMessage', {
            channel: write.place,
            ...form,
            unfurl_links: 'false',
            unfurl_media: 'false',
          })
        : await slack.call('chat.update', { channel: posted.channel, ts: posted.message, ...form });
    if (answer.kind === 'failed') {
      log('error', 'Slack refused an approval', { id: write.id, place: write.place, error: answer.error });
      return;
    }
    const { channel = posted?.channel ?? write.place, ts = posted?.message ?? '' } = answer;
    await database.query(
      `update switchboard.approval set shown = $2, channel = $3, message = $4, leased = null where id = $1 and nonce = $5`,
      [write.id, write.state, channel, ts, write.nonce],
    );
  }

  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

/** Takes what has to be posted or changed. A message that is posted again has new buttons, and the old ones are refused. */
async function take(database: StateDatabase): Promise<readonly WaitingWrite[]> {
  const isOver = `(d.state <> 'waiting' or d.expires <= clock_timestamp())`;
  await database.query(`update switchboard.approval d set shown = 'never' where d.shown = 'nothing' and ${isOver}`, []);
  const rows = await database.query(
    `with due as (
       select d.id from switchboard.approval d
       where ((d.shown = 'nothing' and not ${isOver}) or (d.shown = 'waiting' and ${isOver}))
         and (d.leased is null or d.leased < clock_timestamp() - interval '${leaseSeconds} seconds')
       order by d.created limit 10 for update skip locked)
     update switchboard.approval a
     set leased = clock_timestamp(), nonce = case when a.shown = 'nothing' then gen_random_uuid() else a.nonce end
     from due where a.id = due.id returning ${approvalColumns}`,
    [],
  );
  return rows.map(readRow);
}
