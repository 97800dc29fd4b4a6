import type { Issue } from '../stack/jira/index.ts';
import { administerState } from '../../servers/contract/state/administer.ts';
import type { Person } from './people.ts';
import type { Tally } from './workload.ts';

/** Most comments of one person. */
export const quota = 10;

/** What must not have happened, by what Jira holds in the end. Empty: all is well. */
export async function judge(
  tally: Tally,
  people: readonly Person[],
  issues: readonly Issue[],
  stateUrl: string,
): Promise<string[]> {
  const faults = [...tally.faults];
  const bySummary = new Map<string, Issue[]>();
  for (const issue of issues) {
    const summary = String(issue.fields['summary']);
    bySummary.set(summary, [...(bySummary.get(summary) ?? []), issue]);
  }
  // Of each pair both persons made the same call under the same key: two effects, and each has one of them.
  const owners = new Map<string, string>();
  for (const [job, ticket] of tally.tickets) {
    const other = owners.get(ticket);
    if (other !== undefined) faults.push(`${ticket} was given to ${other} and for ${job}`);
    owners.set(ticket, job);
    const [, summary = ''] = /^\S+ (.*)$/u.exec(job) ?? [];
    if (bySummary.get(summary)?.some(({ key }) => key === ticket) !== true) faults.push(`${ticket} is not of ${job}`);
  }
  const wanted = new Map<string, number>();
  for (const job of [...tally.tickets.keys(), ...tally.unknown]) {
    const [, summary = ''] = /^\S+ (.*)$/u.exec(job) ?? [];
    wanted.set(summary, (wanted.get(summary) ?? 0) + 1);
  }
  for (const [summary, made] of bySummary) {
    if (!summary.startsWith('Pair ')) continue;
    if (made.length > (wanted.get(summary) ?? 0)) faults.push(`${summary}: ${made.length} tickets`);
  }
  for (const { name } of people) {
    const body = `A note of ${name}`;
    const made = issues.flatMap(({ comments }) => comments).filter((each) => JSON.stringify(each).includes(`${body}"`));
    if (made.length > quota) faults.push(`${name} has ${made.length} comments, and the limit is ${quota}`);
  }
  for (const { status, problem } of await administerState(stateUrl).verify({}))
    if (status === 'broken') faults.push(`the audit log is broken: ${problem}`);
  return faults;
}
