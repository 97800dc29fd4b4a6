import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

/** One top-level block: a paragraph, list, table or code fence. */
export interface Block {
  readonly source: string;
  readonly tokens: readonly Token[];
}

/**
 * The blocks of a text that grows at its end. Appended text can only change the last block or add more. All other
 * blocks are returned as the same objects, so that they are not parsed or rendered again.
 */
export function nextBlocks(previous: readonly Block[], text: string): readonly Block[] {
  const source = text.replaceAll('\r\n', '\n');
  const kept = previous.slice(0, -1);
  const keptLength = kept.reduce((length, block) => length + block.source.length, 0);
  const keptSource = kept.map((block) => block.source).join('');
  if (!source.startsWith(keptSource)) return parseBlocks(source);
  return [...kept, ...parseBlocks(source.slice(keptLength))];
}

/** The concatenated sources of the blocks equal the text. */
function parseBlocks(source: string): readonly Block[] {
  const tokens = parser.parse(source, {});
  const groups = topLevelGroups(tokens);
  const lineStarts = [0, ...[...source.matchAll(/\n/gu)].map(({ index }) => index + 1)];
  return groups.map((group, position) => {
    const next = groups[position + 1]?.[0]?.map?.[0];
    const first = position === 0 ? 0 : (group[0]?.map?.[0] ?? 0);
    const start = lineStarts[first] ?? 0;
    const end = next === undefined ? source.length : (lineStarts[next] ?? source.length);
    return { source: source.slice(start, end), tokens: group };
  });
}

function topLevelGroups(tokens: readonly Token[]): readonly Token[][] {
  const groups: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0 && token.nesting >= 0) groups.push([]);
    groups.at(-1)?.push(token);
    depth += token.nesting;
  }
  return groups;
}
