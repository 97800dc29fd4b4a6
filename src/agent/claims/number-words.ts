const ones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
  .concat(['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'])
  .map((word, value) => [word, value] as const);
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'].map(
  (word, index) => [word, (index + 2) * 10] as const,
);
const small: ReadonlyMap<string, number> = new Map<string, number>([...ones, ...tens, ['dozen', 12]]);
const scales: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
]);
const longestFirst = [...small.keys(), ...scales.keys()].toSorted((a, b) => b.length - a.length);
const word = `(?:${longestFirst.map((each) => `[${each[0]?.toUpperCase()}${each[0]}]${each.slice(1)}`).join('|')})`;

/** `twelve`, `twenty-three`, `two hundred and five`, as one match. */
export const numberWords = `\\b${word}(?:(?:[ -]| and )${word})*\\b`;

/** The value of a match of `numberWords`. */
export function readNumberWords(text: string): number {
  let total = 0;
  let group = 0;
  for (const part of text.toLowerCase().split(/[ -]+/)) {
    const scale = scales.get(part);
    if (scale === undefined) group = part === 'dozen' && group > 0 ? group * 12 : group + (small.get(part) ?? 0);
    else if (scale === 100) group = (group === 0 ? 1 : group) * 100;
    else {
      total += (group === 0 ? 1 : group) * scale;
      group = 0;
    }
  }
  return total + group;
}
