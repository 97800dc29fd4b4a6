/** A place that a stack trace names. */
export interface Frame {
  /** As the trace writes it: absolute on another machine, relative, or a bare file name. */
  readonly path: string;
  readonly line: number;
}

const maxFrames = 30;
const maxNames = 5;

const framePatterns = [
  /File "(?<path>[^"\n]{1,300})", line (?<line>\d{1,7})/gu,
  /(?<path>(?:[A-Za-z]:)?[\w@./\\-]{1,300}\.[A-Za-z]\w{0,4}):(?<line>\d{1,7})/gu,
];

/** The places of a stack trace, in its order. */
export function framesIn(text: string): readonly Frame[] {
  const frames = framePatterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ groups = {}, index }) => ({
      frame: { path: groups['path'] ?? '', line: Number(groups['line']) },
      index,
    })),
  );
  return frames
    .toSorted((a, b) => a.index - b.index)
    .map(({ frame }) => frame)
    .slice(0, maxFrames);
}

/** Names by which the code could be found: an error code, the class of an error, a symbol. Best first. */
export function namesIn(error: string): readonly string[] {
  const whole = error.trim();
  if (/^[\w.$:-]{3,120}$/u.test(whole)) return [whole];
  const codes = [...whole.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z]{1,8}-?\d{2,6}\b/gu)];
  const classes = [...whole.matchAll(/\b[A-Z]\w*(?:Error|Exception|Failure)\b/gu)];
  return [...new Set([...codes, ...classes].map(([name]) => name))].slice(0, maxNames);
}

const raises =
  /\b(?:throws?|raise|panic|reject|fail|abort|die|signal|RAISE)\b|\b(?:new\s+)?\w*(?:Error|Exception|Failure)\s*\(|\berr(?:or)?s?\.(?:New|Errorf)\b|\bErr\(/u;
const tests = /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|mocks?|examples?)\/|[._-](?:test|spec)\.\w+$/iu;
const words = /\.(?:md|mdx|txt|rst|adoc|json|lock|ya?ml|po|csv|log|html?)$/iu;
const comment = /^\s*(?:\/\/|#|\*|\/\*|--|;|<!--)/u;

/** How likely a line is the one that raises what it names; more is better. */
export function weightOfLine(path: string, lines: readonly string[], index: number): number {
  const near = lines.slice(Math.max(0, index - 2), index + 1).join('\n');
  const line = lines[index] ?? '';
  return (
    (raises.test(line) ? 12 : raises.test(near) ? 8 : 0) -
    (tests.test(path) ? 20 : 0) -
    (words.test(path) ? 10 : 0) -
    (comment.test(line) ? 10 : 0)
  );
}

/** How many of the last parts of a path are those of a frame; 0 if not even the file is. */
export function commonEnd(path: string, frame: string): number {
  const [own, other] = [path, frame].map((each) => each.split(/[/\\]/u).toReversed());
  let count = 0;
  while (count < (own?.length ?? 0) && own?.[count] === other?.[count]) count += 1;
  return count;
}
