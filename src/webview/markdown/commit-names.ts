import type { CallView } from '../../chat/chat-state.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { t } from '../l10n.ts';
import type { Named, Names } from './named.ts';
import { rowsOf } from './results-of.ts';
import { linkTarget } from './targets.ts';

const shortest = 7;

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{7,40}$/u.test(text);
}

/** Commits that git has named, on the web page that the host has found for the repository. */
export function* commitsIn(calls: readonly CallView[], evidence: readonly EvidenceView[]): Generator<[string, Named]> {
  const rows = [...rowsOf('workspace', ['get_git_history', 'find_error_origin'], calls, evidence)];
  const bases = new Set(rows.flatMap((cell) => baseOf(cell('permalink')) ?? []));
  const [base, ...others] = bases;
  // Of several repositories, nobody says which one a commit is in.
  if (base === undefined || others.length > 0) return;
  for (const cell of rows) {
    const commit = cell('commit');
    if (typeof commit !== 'string' || !isCommit(commit)) continue;
    const target = linkTarget(`${base}${commit}`);
    const subject = cell('subject');
    const hint = typeof subject === 'string' ? `${commit}: ${subject}` : t('Open commit {0}', commit);
    if (target !== undefined) yield [keyOf(commit), { target, hint }];
  }
}

/** By a shorter or a longer form of the id. */
export function commitNamed(text: string, names: Names): Named | undefined {
  const named = names.get(keyOf(text));
  const known = named?.target.kind === 'web' ? (named.target.url.split('/').at(-1) ?? '') : '';
  return known.startsWith(text) || (known !== '' && text.startsWith(known)) ? named : undefined;
}

function keyOf(commit: string): string {
  return `commit ${commit.slice(0, shortest)}`;
}

/** `https://host/owner/repository/commit/`, from the link to a line. */
function baseOf(permalink: unknown): string | undefined {
  if (typeof permalink !== 'string') return undefined;
  const found = /^(?<web>https?:\/\/[^?#]+?)\/(?<kind>-\/blob|blob|src)\/[0-9a-f]{40,64}\//u.exec(permalink)?.groups;
  if (found === undefined) return undefined;
  const word = { '-/blob': '-/commit', blob: 'commit', src: 'commits' }[found['kind'] ?? ''];
  return word === undefined ? undefined : `${found['web']}/${word}/`;
}
