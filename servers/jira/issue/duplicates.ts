import type { JiraApi } from '../client/jira-api.ts';
import { systemFieldsSchema } from '../client/shapes.ts';
import type { JiraConnection } from '../connection.ts';
import { jqlString } from './jql.ts';

export interface Duplicate {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly reason: string;
}

/** Words that say nothing about what a ticket is about. */
const emptyWords = new Set(
  'a an and are at by failed failing fails for from has have in is it last of on or the to was were with'.split(' '),
);
/** Share of words in common from which two summaries are called alike (Dice coefficient). */
const alikeFrom = 0.6;
const mostQueried = 6;

/** Open issues of the project whose summaries are much like this one; the likest first, at most five. */
export async function findDuplicates(
  projectKey: string,
  summary: string,
  api: JiraApi,
  connection: JiraConnection,
): Promise<Duplicate[]> {
  const words = wordsOf(summary);
  const queried = [...words]
    .filter((word) => word.length > 2 && !emptyWords.has(word))
    .toSorted((a, b) => b.length - a.length);
  if (queried.length === 0) return [];
  const alternatives = queried.slice(0, mostQueried).map((word) => `summary ~ ${jqlString(word)}`);
  const jql = `project = ${jqlString(projectKey)} AND statusCategory != Done AND (${alternatives.join(' OR ')}) ORDER BY updated DESC`;
  const { issues } = await api.search({
    jql,
    fields: ['project', 'summary', 'status'],
    limit: 50,
    pageToken: undefined,
  });
  return issues
    .map((issue) => ({ key: issue.key, ...systemFieldsSchema.parse(issue.fields) }))
    .filter(({ project }) => project !== undefined && connection.isAllowed(project.key))
    .map((issue) => ({ ...issue, likeness: likeness(words, wordsOf(issue.summary)) }))
    .filter((issue) => issue.likeness >= alikeFrom)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, 5)
    .map(({ key, summary, status, likeness }) => ({
      id: key,
      title: summary,
      url: connection.issueUrl(key),
      reason: `${likeness === 1 ? 'The same summary' : `A summary ${Math.round(likeness * 100)} % alike`}, ${status?.name ?? 'open'}`,
    }));
}

/** Numbers differ from one occurrence to the next, and so do not count. */
function wordsOf(summary: string): Set<string> {
  const words: string[] =
    summary
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu) ?? [];
  return new Set(words.filter((word) => !/^\d+$/.test(word)));
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0;
  const common = [...a].filter((word) => b.has(word)).length;
  return (2 * common) / (a.size + b.size);
}
