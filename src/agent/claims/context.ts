// The words around a figure, and what they say about it.

/** After `about` or `over`: the figure is rounded to the digits shown. */
export const hedge =
  /(?:\b(?:about|around|approx(?:imately|\.)?|roughly|nearly|almost|over|under|above|below|some|circa|up to|more than|less than|at least|at most|fewer than|within)|[~≈<>≤≥])\s*$/i;
/** Numbering is not a claim: list markers, `Step 2`, `(1)` at the start of a line. */
const numbering =
  /(?:^|\n)[ \t>]*(?:#{1,6} +)?(?:[-*] +)?\(?$|\b(?:step|part|section|phase|option|item|point|figure|table|question|tier|level|priority|sev|severity)[ \u00A0#:-]*$/i;
/** Words that make the following number a name: an id, a code, a line. */
export const naming =
  /(?:#|№|\b(?:id|ids|no\.?|number|order|customer|user|account|payment|invoice|ticket|issue|row|line|port|pid|status|code|error|http|version|build|release|deploy|shard|node)s?[ \u00A0:=#]*)$/i;
/** The text with its lookups computed once. */
export interface Read {
  readonly text: string;
  /** For each character, whether it is in a quotation, in a table, or in both. */
  readonly marks: Uint8Array;
}

export interface Context {
  readonly before: string;
  readonly after: string;
  readonly inTable: boolean;
  readonly quoted: boolean;
}

const contextLength = 60;
const quotation = 1;
const tableCell = 2;

export function contextOf({ text, marks }: Read, index: number, length: number): Context {
  const mark = marks[index] ?? 0;
  return {
    before: text.slice(Math.max(0, index - contextLength), index),
    after: text.slice(index + length, index + length + contextLength),
    inTable: (mark & tableCell) !== 0,
    quoted: (mark & quotation) !== 0,
  };
}

/** Marks code, quotations, lines starting with `>` or `|`, and code blocks, in one pass: a text may be one long line. */
export function readText(text: string): Read {
  const marks = new Uint8Array(text.length);
  let start = 0;
  let inFence = false;
  for (const line of text.split('\n')) {
    const lineMark = (/^\s*>/.test(line) ? quotation : 0) | (/^\s*\|/.test(line) ? tableCell : 0);
    if (/^ {0,3}(?:```|~~~)/.test(line)) inFence = !inFence;
    let [inCode, inQuotes] = [false, false];
    for (let index = 0; index < line.length; index += 1) {
      const character = line[index];
      if (character === '`') inCode = !inCode;
      else if (character === '"') inQuotes = !inQuotes;
      else if (character === '“') inQuotes = true;
      else if (character === '”') inQuotes = false;
      marks[start + index] = lineMark | (inFence || inCode || inQuotes ? quotation : 0);
    }
    start += line.length + 1;
  }
  return { text, marks };
}

// Looks within the clause only: past a full stop or semicolon, the words describe other figures.
export type Sayings = ReadonlySet<'difference' | 'sum' | 'ratio' | 'average'>;

const sayings = [
  [
    'difference',
    /\b(?:more|fewer|less|higher|lower|above|below|over|exceed\w*|up|down|rose|risen|rise\w*|increas\w*|decreas\w*|grew|grow\w*|gain\w*|drop\w*|fell|fall\w*|declin\w*(?! cards?)|jump\w*|spik\w*|change\w*|differ\w*|gap|extra|additional|remain\w*|rest|other\w*|went through|succe\w*|apart|short|free|left|available|spare)\b|\+$/i,
  ],
  [
    'sum',
    /\b(?:together|total\w*|in all|all|altogether|combined|sum\w*|top|first|since|overall|come to|both|accumulat\w*|cumulative\w*|so far|of)\b/i,
  ],
  ['average', /\b(?:average\w*|mean|median|typical\w*|per|each|every|around|about)\b|~\s?$/i],
  ['ratio', /\b(?:times|fold|twice|double\w*|tripl\w*|ratio|factor|per|each|every|one in|out of)\b|^\s?[x×]/i],
] as const;

export function saidBy({ before, after }: Context): Sayings {
  const clause = `${before.split(/[.;\n]\s/).at(-1) ?? ''}\u0000${after.split(/[.;\n](?:\s|$)/)[0] ?? ''}`;
  return new Set(sayings.flatMap(([name, pattern]) => (pattern.test(clause) ? [name] : [])));
}

export function isNumbering({ before, after }: Context): boolean {
  if (!numbering.test(before)) return false;
  // A line may start with a real count: "12 orders failed". A list marker is followed by a period or bracket.
  return /[a-z][ \u00A0#:-]*$/i.test(before) || /^[.)](?:\s|$)/.test(after);
}
