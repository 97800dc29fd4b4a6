import type { CallView, ChatState } from '../../chat/chat-state.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { commitNamed, commitsIn, isCommit } from './commit-names.ts';
import type { Named, Names } from './named.ts';
import { patternOfPeople, peopleIn } from './people-names.ts';
import { fileTarget, linkTarget } from './targets.ts';
import { t } from '../l10n.ts';

export const noNames: Names = new Map();

/** Tickets, channels, handles, commits, and files with or without a line, as people write them. */
const written =
  /(?<![\w/.#-])(?:[A-Z][A-Z0-9_]{1,20}-\d{1,8}|#[\p{Ll}\p{N}_-]{1,80}|@[\w.-]{1,79}\w|(?:[\w@.-]+\/)*[\w@-][\w@.-]*\.[a-z]\w{0,9}(?::\d{1,7})?|[0-9a-f]{7,40})(?![\w-]|\/\w)/gu;

/** The text between names, and the names. */
export function splitNames(text: string, names: Names): readonly (string | (Named & { readonly text: string }))[] {
  const parts: (string | (Named & { readonly text: string }))[] = [];
  let end = 0;
  for (const { 0: name, index } of placesIn(text, names)) {
    const found = lookUp(name, names);
    if (found === undefined || index < end) continue;
    parts.push(text.slice(end, index), { ...found, text: name });
    end = index + name.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}

function placesIn(text: string, { people }: Names): readonly RegExpExecArray[] {
  const places = [...text.matchAll(written)];
  if (people === undefined) return places;
  return [...places, ...text.matchAll(people)].toSorted((a, b) => a.index - b.index || b[0].length - a[0].length);
}

/** A file is known by its path, whatever its line, and a commit by the beginning of its id. */
export function lookUp(name: string, names: Names): Named | undefined {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (isCommit(name)) return commitNamed(name, names);
  const file = fileTarget(name);
  return file?.kind === 'file' && names.get(file.path) !== undefined ? { target: file, hint: name } : undefined;
}

/** Gathers the names of a session. The same object as before while nothing new was named. */
export class NamesOfSession {
  #signature = '';
  #names: Names = noNames;

  of({ runs, evidence }: Pick<ChatState, 'runs' | 'evidence'>): Names {
    const calls = runs.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'call' ? [item] : [])));
    const signature = [
      ...calls.map(({ callId, status }) => `${callId} ${status}`),
      ...evidence.map(({ id }) => id),
    ].join();
    if (signature !== this.#signature) this.#names = namesIn(calls, evidence);
    this.#signature = signature;
    return this.#names;
  }
}

function namesIn(calls: readonly CallView[], evidence: readonly EvidenceView[]): Names {
  const people = peopleIn(calls, evidence);
  const names = new Map([
    ...filesIn(evidence),
    ...commitsIn(calls, evidence),
    ...people,
    ...channelsIn(calls, evidence),
    ...ticketsIn(calls, evidence),
  ]);
  return { get: (name) => names.get(name), people: patternOfPeople(people.keys()) };
}

function* ticketsIn(calls: readonly CallView[], evidence: readonly EvidenceView[]): Generator<[string, Named]> {
  const hints = new Map<string, string>();
  for (const { tool, columns, rows } of evidence) {
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    if (!tool.endsWith('search_jira_issues')) continue;
    for (const row of rows)
      hints.set(String(row[at('key')]), `${String(row[at('summary')])} (${String(row[at('status')])})`);
  }
  const ours = calls.filter(({ server }) => server === 'jira');
  const addresses = ours.flatMap(({ link, request }) => [
    ...(link === undefined ? [] : [[link.label, link.url, ''] as const]),
    ...(request?.preview?.duplicates ?? []).map(({ id, url = '', title }) => [id, url, title] as const),
  ]);
  const sites = new Set<string>();
  for (const [key, url, title] of addresses) {
    const target = linkTarget(url);
    if (target?.kind !== 'web' || !target.url.endsWith(`/browse/${key}`)) continue;
    sites.add(target.url.slice(0, -key.length));
    yield [key, { target, hint: hints.get(key) ?? title }];
  }
  // One site is the one that was searched.
  const [site, ...others] = sites;
  if (site === undefined || others.length > 0) return;
  for (const [key, hint] of hints) {
    const target = linkTarget(`${site}${key}`);
    if (target !== undefined) yield [key, { target, hint }];
  }
}

function* channelsIn(calls: readonly CallView[], evidence: readonly EvidenceView[]): Generator<[string, Named]> {
  const ours = calls.filter(({ server }) => server === 'slack');
  const bases = new Set(
    ours.flatMap(({ link }) => /^https:\/\/[^/]+\/(?=archives\/)/u.exec(link?.url ?? '')?.[0] ?? []),
  );
  const [base, ...others] = bases;
  if (base === undefined || others.length > 0) return;
  const named = new Map<string, string>();
  for (const { tool, columns, rows } of evidence) {
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    if (!tool.endsWith('list_slack_channels')) continue;
    for (const row of rows) named.set(`#${String(row[at('name')]).replace(/^#/u, '')}`, String(row[at('id')]));
  }
  for (const { request } of ours)
    if (request?.preview !== undefined) named.set(request.preview.destination.name, request.preview.destination.id);
  for (const [name, id] of named) {
    const target = /^[CDG][A-Z0-9]{4,20}$/u.test(id) ? linkTarget(`${base}archives/${id}`) : undefined;
    if (target !== undefined && name.startsWith('#')) yield [name, { target, hint: t('Open in Slack') }];
  }
}

const workspaceTools =
  /(?:^|__)(?:search_workspace|read_workspace_file|get_git_history|get_workspace_diagnostics|find_error_origin)$/u;

function* filesIn(evidence: readonly EvidenceView[]): Generator<[string, Named]> {
  for (const { tool, arguments: input, columns, rows } of evidence) {
    if (!workspaceTools.test(tool)) continue;
    const at = columns.findIndex(({ name }) => name === 'path' || name === 'file');
    for (const path of [input['path'], ...(at === -1 ? [] : rows.map((row) => row[at]))])
      if (typeof path === 'string' && path.length < 1000)
        yield [path, { target: { kind: 'file', path, line: undefined }, hint: path }];
  }
}
