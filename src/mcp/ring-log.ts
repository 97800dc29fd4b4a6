/** The last lines a server wrote, limited in number and size. */
export interface RingLog {
  readonly add: (line: string) => void;
  readonly lines: () => readonly string[];
}

export function createRingLog(maxLines = 500, maxCharacters = 256 * 1024): RingLog {
  let lines: string[] = [];
  let characters = 0;
  return {
    add: (line) => {
      lines.push(line);
      characters += line.length;
      // Trimmed in batches, because removing the first element on every line would copy the array each time.
      if (lines.length < maxLines * 2 && characters < maxCharacters * 2) return;
      lines = lastLines(lines, maxLines, maxCharacters);
      characters = lines.reduce((sum, kept) => sum + kept.length, 0);
    },
    lines: () => lastLines(lines, maxLines, maxCharacters),
  };
}

function lastLines(lines: readonly string[], maxLines: number, maxCharacters: number): string[] {
  let first = lines.length;
  let characters = 0;
  while (first > 0 && lines.length - first < maxLines) {
    characters += lines[first - 1]?.length ?? 0;
    if (characters > maxCharacters) break;
    first -= 1;
  }
  return lines.slice(first);
}
