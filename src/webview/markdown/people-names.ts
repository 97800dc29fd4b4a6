import type { CallView } from '../../chat/chat-state.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { t } from '../l10n.ts';
import type { Named } from './named.ts';
import { rowsOf } from './results-of.ts';
import { linkTarget } from './targets.ts';

/** More would make every text slow to read through. */
const maxPeople = 300;

/**
 * People whom Slack or Jira has named in this session, by their full name or handle. Two people of one name are no
 * link, because it could lead to the wrong one.
 */
export function peopleIn(calls: readonly CallView[], evidence: readonly EvidenceView[]): ReadonlyMap<string, Named> {
  const people = new Map<string, Named>();
  const doubtful = new Set<string>();
  const name = (text: unknown, url: string, hint: string): void => {
    const target = linkTarget(url);
    if (typeof text !== 'string' || text.length > 100 || target === undefined || people.size >= maxPeople) return;
    const before = people.get(text)?.target;
    if (before?.kind === 'web' && target.kind === 'web' && before.url !== target.url) doubtful.add(text);
    people.set(text, { target, hint });
  };
  const [jira, slack] = [siteOf('jira', '/browse/', calls), siteOf('slack', '/archives/', calls)];
  // The profile says more than a search, and Slack is where people are reached.
  const assigned = new Map<string, Named>();
  if (jira !== undefined) {
    for (const cell of rowsOf('jira', ['search_jira_issues'], calls, evidence)) {
      const assignee = cell('assignee');
      const target = typeof assignee === 'string' ? linkTarget(assignedTo(jira, assignee)) : undefined;
      if (typeof assignee === 'string' && target !== undefined && isFullName(assignee))
        assigned.set(assignee, { target, hint: t('Issues of {0} in Jira', assignee) });
    }
    for (const cell of rowsOf('jira', ['find_jira_users'], calls, evidence)) {
      if (isFullName(cell('name'))) name(cell('name'), profileOf(jira, String(cell('id'))), t('Open in Jira'));
    }
  }
  const inJira = new Set(people.keys());
  if (slack !== undefined) {
    for (const cell of rowsOf('slack', ['find_slack_users'], calls, evidence)) {
      const id = String(cell('id'));
      if (!/^[UW][A-Z0-9]{4,20}$/u.test(id)) continue;
      const url = `${slack}/team/${id}`;
      if (isFullName(cell('name')) && !inJira.has(String(cell('name')))) name(cell('name'), url, t('Open in Slack'));
      name(`@${String(cell('handle'))}`, url, t('Open in Slack'));
    }
  }
  for (const text of doubtful) people.delete(text);
  return new Map([...[...assigned].filter(([text]) => !doubtful.has(text)), ...people]);
}

/** A first name alone is in too many sentences. */
function isFullName(text: unknown): boolean {
  return typeof text === 'string' && /^\S+(?: \S+)+$/u.test(text);
}

export function patternOfPeople(names: Iterable<string>): RegExp | undefined {
  const full = [...names].filter(isFullName).toSorted((a, b) => b.length - a.length);
  if (full.length === 0) return undefined;
  const escaped = full.map((each) => each.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${escaped.join('|')})(?![\p{L}\p{N}_])`, 'gu');
}

/** Where this server's links lead, if all lead to one place. */
function siteOf(server: string, path: string, calls: readonly CallView[]): string | undefined {
  const sites = new Set(
    calls.flatMap((call) => {
      const url = call.server === server ? (call.link?.url ?? '') : '';
      const end = url.indexOf(path);
      return end === -1 ? [] : [url.slice(0, end)];
    }),
  );
  const [site, ...others] = sites;
  return others.length > 0 ? undefined : site;
}

/** Cloud has account ids; Data Center has names. */
function profileOf(site: string, id: string): string {
  const isAccount = /^(?:\d+:)?[0-9a-f-]{24,40}$/u.test(id);
  return isAccount
    ? `${site}/jira/people/${encodeURIComponent(id)}`
    : `${site}/secure/ViewProfile.jspa?name=${encodeURIComponent(id)}`;
}

function assignedTo(site: string, assignee: string): string {
  const quoted = assignee.replaceAll(/["\\]/gu, String.raw`\$&`);
  return `${site}/issues/?jql=${encodeURIComponent(`assignee = "${quoted}" ORDER BY updated DESC`)}`;
}
