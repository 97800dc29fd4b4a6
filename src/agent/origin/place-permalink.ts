import type { Evidence } from '../evidence/types.ts';
import type { OriginatedGrant } from '../policy/grants.ts';
import type { Arguments, ToolSpec } from '../tools.ts';

export const originTool = 'find_error_origin';

/** Where an error is raised, as the host has found it. */
interface Origin {
  readonly error: string;
  readonly path: string;
  readonly line: number;
  readonly commit: string | undefined;
  readonly permalink: string;
}

const plainPath = /^[\w@./ -]{1,300}$/u;
const plainAddress = /^https?:\/\/[\w.:@/#%?=&~+-]{1,2000}$/u;
const maxPlaced = 3;

/**
 * A ticket about an error carries the link to the line that raises it, from the code's own repository, whether or not
 * the model has thought of it. The person sees it on the card and can take it out. A grant without links stays one.
 */
export function withPermalink(
  spec: ToolSpec,
  input: Arguments,
  evidence: readonly Evidence[],
  grants: readonly OriginatedGrant[],
): Arguments {
  const { description, summary } = input;
  if (!spec.trusted || spec.plainName !== 'create_jira_ticket' || typeof description !== 'string') return input;
  const isWithoutLinks = grants.some(
    ({ grant: { tool, require } }) => tool === spec.plainName && require?.includes('no-links') === true,
  );
  if (isWithoutLinks) return input;
  const text = `${typeof summary === 'string' ? summary : ''}\n${description}`;
  const lines = originsIn(evidence)
    .filter(({ error, path, line }) => text.includes(error) || text.includes(`${path}:${line}`))
    .filter(({ permalink }) => !text.includes(permalink))
    .slice(0, maxPlaced)
    .map(({ path, line, commit, permalink }) => {
      const changed = commit === undefined ? '' : `, last changed by commit \`${commit}\``;
      return `Raised at [${path}:${line}](${permalink})${changed}.`;
    });
  return lines.length === 0 ? input : { ...input, description: [description, ...lines].join('\n\n') };
}

/** The most likely line of each error. */
function originsIn(evidence: readonly Evidence[]): readonly Origin[] {
  return evidence.filter(isOrigin).flatMap((found) => {
    const cell = (name: string): unknown => found.rows[0]?.[found.columns.findIndex((column) => column.name === name)];
    const [error, path, line, commit, permalink] = [
      found.arguments['error'],
      cell('path'),
      cell('line'),
      cell('commit'),
      cell('permalink'),
    ];
    if (typeof error !== 'string' || typeof path !== 'string' || typeof line !== 'number') return [];
    if (typeof permalink !== 'string' || !plainAddress.test(permalink) || !plainPath.test(path)) return [];
    const isCommit = typeof commit === 'string' && /^[0-9a-f]{7,64}$/u.test(commit);
    return [{ error, path, line, commit: isCommit ? commit : undefined, permalink }];
  });
}

function isOrigin({ tool, server }: Evidence): boolean {
  return tool === originTool && server === 'workspace';
}

/** The links to code that the host has made itself. */
export function permalinksIn(evidence: readonly Evidence[]): readonly string[] {
  return originsIn(evidence).map(({ permalink }) => permalink);
}

const link = /:\/\/|\]\(|\]\[|\]:|www\.|<|&#?\w+;|@/iu;

/**
 * Whether every link of a text is one of these, so that its host needs no other reason to be there. What might be
 * another link in any way makes it false.
 */
export function linksOnlyTo(permalinks: readonly string[], host: string, texts: readonly string[]): boolean {
  const own = permalinks.filter((permalink) => URL.canParse(permalink) && new URL(permalink).host === host);
  if (own.length === 0) return false;
  return texts.every((text) => {
    let rest = text;
    for (const permalink of own) rest = rest.replaceAll(`](${permalink})`, '] ');
    return !link.test(rest) && !rest.normalize('NFKC').toLowerCase().includes(host.toLowerCase());
  });
}
