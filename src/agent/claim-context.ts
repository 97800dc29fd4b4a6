// What stands around a figure in a text, and what it says of the figure.

/** `about`, `over`: rounding to the significant digits shown is meant. */
export const hedge =
  /(?:\b(?:about|around|approx(?:imately|\.)?|roughly|nearly|almost|over|under|above|below|some|circa|up to|more than|less than|at least|at most|fewer than|within)|[~≈<>≤≥])\s*$/i;
/** Numbering that claims nothing: list markers, `Step 2`, `(1)` at the start of a line. */
const numbering =
  /(?:^|\n)[ \t>]*(?:#{1,6} +)?(?:[-*] +)?\(?$|\b(?:step|part|section|phase|option|item|point|figure|table|question|tier|level|priority|sev|severity)[ \u00A0#:-]*$/i;
/** Words after which a number is a name: an id, a code, a line. */
export const naming =
  /(?:#|№|\b(?:id|ids|no\.?|number|order|customer|user|account|payment|invoice|ticket|issue|row|line|port|pid|status|code|error|http|version|build|release|deploy|shard|node)s?[ \u00A0:=#]*)$/i;
/** The text with what is asked of it again and again. */
export interface Read {
  readonly text: string;
  readonly fences: readonly number[];
}

export interface Context {
  readonly before: string;
  readonly after: string;
  readonly inTable: boolean;
  readonly quoted: boolean;
}

export function contextOf({ text, fences }: Read, index: number, length: number): Context {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return {
    before: text.slice(Math.max(0, index - contextLength), index),
    after: text.slice(index + length, index + length + contextLength),
    inTable: /^\s*\|/.test(line),
    quoted: /^\s*>/.test(line) || isOdd(line, /`/g) || inQuotes(line) || inFence(fences, index),
  };
}

const contextLength = 60;

function isOdd(line: string, mark: RegExp): boolean {
  return (line.match(mark)?.length ?? 0) % 2 === 1;
}

function inQuotes(line: string): boolean {
  return isOdd(line, /"/g) || line.lastIndexOf('“') > line.lastIndexOf('”');
}

/** Where code blocks begin and end, in turn. */
export function fencesOf(text: string): readonly number[] {
  return [...text.matchAll(/^ {0,3}(?:```|~~~)/gm)].map((match) => match.index);
}

function inFence(fences: readonly number[], index: number): boolean {
  return fences.filter((fence) => fence < index).length % 2 === 1;
}

// Within the clause: beyond a full stop or semicolon other figures are spoken of.
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
  // A line may begin with a number that counts: "12 orders failed". A marker is followed by a point or bracket.
  return /[a-z][ \u00A0#:-]*$/i.test(before) || /^[.)](?:\s|$)/.test(after);
}
