import type { JiraApi } from '../client/jira-api.ts';
import { systemFieldsSchema, type SystemFields } from '../client/response-schemas.ts';
import type { JiraConnection } from '../connection.ts';
import { tellingWords, wordsOf } from './fingerprint.ts';
import { jqlString } from './jql.ts';

export interface Duplicate {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly reason: string;
}

/** The minimum share of common words for two summaries to count as similar (Dice coefficient). */
const alikeFrom = 0.6;
const mostQueried = 6;

const most = 5;

interface Wanted {
  readonly projectKey: string;
  readonly summary: string;
  /** The incident label, if tickets of this kind have one. */
  readonly fingerprint: string | undefined;
}

/** Up to five open issues of the project about the same problem: by fingerprint, then by similarity, most similar first. */
export async function findDuplicates(wanted: Wanted, api: JiraApi, connection: JiraConnection): Promise<Duplicate[]> {
  const { summary, fingerprint } = wanted;
  const words = wordsOf(summary);
  const search = async (condition: string, limit: number): Promise<Found[]> =>
    (await searchOpen(wanted.projectKey, condition, limit, api, connection))
      .map((issue) => ({ ...issue, likeness: likeness(words, wordsOf(issue.summary)) }))
      .toSorted((a, b) => b.likeness - a.likeness);
  const same = fingerprint === undefined ? [] : await search(`labels = ${jqlString(fingerprint)}`, most);
  const condition = alikeCondition(summary);
  const alike = condition === undefined || same.length === most ? [] : await search(condition, 50);
  const known = new Set(same.map(({ key }) => key));
  const others = alike.filter((issue) => issue.likeness >= alikeFrom && !known.has(issue.key));
  return [...same, ...others].slice(0, most).map(({ key, summary, status, likeness }) => ({
    id: key,
    title: summary,
    url: connection.issueUrl(key),
    reason: `${reasonOf(likeness, known.has(key))}, ${status?.name ?? 'open'}`,
  }));
}

function reasonOf(likeness: number, hasFingerprint: boolean): string {
  if (likeness === 1) return 'Same summary';
  return hasFingerprint ? 'Same incident, by its label' : `Summary ${Math.round(likeness * 100)} % similar`;
}

/** JQL for summaries that share a word; undefined if there is no word to search for. */
function alikeCondition(summary: string): string | undefined {
  const words = tellingWords(summary)
    .filter((word) => word.length > 2)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, mostQueried);
  return words.length === 0 ? undefined : `(${words.map((word) => `summary ~ ${jqlString(word)}`).join(' OR ')})`;
}

interface Found extends SystemFields {
  readonly key: string;
  readonly likeness: number;
}

async function searchOpen(
  projectKey: string,
  condition: string,
  limit: number,
  api: JiraApi,
  connection: JiraConnection,
) {
  const jql = `project = ${jqlString(projectKey)} AND statusCategory != Done AND ${condition} ORDER BY updated DESC`;
  const { issues } = await api.search({ jql, fields: ['project', 'summary', 'status'], limit, pageToken: undefined });
  return issues
    .map((issue) => ({ key: issue.key, ...systemFieldsSchema.parse(issue.fields) }))
    .filter(({ project }) => project !== undefined && connection.isAllowed(project.key));
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0;
  const common = [...a].filter((word) => b.has(word)).length;
  return (2 * common) / (a.size + b.size);
}
