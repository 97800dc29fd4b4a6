import type { ApprovalRule } from '../../../src/agent/policy/approvers.ts';
import type { WaitingWrite } from '../../../src/service/approvals/waiting-write.ts';
import { createSession, type Desk } from './desk.ts';

/** Resolves when the question of this session is posted, or shows how it ended. */
export async function shownIn(desk: Desk, session: string, state = 'waiting'): Promise<WaitingWrite> {
  for (;;) {
    const news = desk.store.watch.next(200);
    const [write] = (await desk.store.ofSession(session)).toReversed();
    const sql = 'select shown from switchboard.approval where id = $1';
    const rows = await desk.database.query<{ shown: string }>(sql, [write?.id]);
    const now = rows[0]?.shown === state ? await desk.store.find(write?.id ?? '') : undefined;
    if (now !== undefined) return now;
    await news;
  }
}

/** The message that asks for this write. */
export function messageIn(desk: Desk, { posted, id }: WaitingWrite) {
  const message = desk.slack.messages('C0OPERATE').find(({ ts }) => ts === posted?.message);
  if (message === undefined) throw new Error(`${id} is not posted`);
  return message;
}

/** A run that waits, its posted question, and the run's end when it comes. */
export async function askIn(desk: Desk, session: string, rules: readonly ApprovalRule[]) {
  const run = createSession(desk, session, rules);
  const ended = run.start();
  const write = await shownIn(desk, session);
  return { session, run, ended, write, message: messageIn(desk, write) };
}
