/** Text whose decimal digits are all ASCII, with the original position of each character. */
export interface PlainText {
  readonly text: string;
  /** Index in the original of each character of `text`, and of the end of `text`. */
  readonly origin: readonly number[];
}

const decimalDigit = /^\p{Nd}$/u;

/**
 * Markup between digits that disappears when Markdown is rendered: 1**2** reads as 12, and so does 1&#50;. The other
 * alternative is a numeric character reference.
 */
const unseen =
  /&#(?:(?<decimal>\d{1,7})|x(?<hexadecimal>[\da-f]{1,6}));|(?<=\d)(?:\*{2,3}|~~|`)(?=\d)|(?<=\d)\*(?=\d+\*)|(?<=\d\*\d+)\*(?=\d)/gi;

/**
 * Fullwidth, mathematical, Arabic-Indic and other digits become 0-9, fullwidth letters and signs become plain ones,
 * and markup within a number is removed.
 */
export function plainDigits(original: string): PlainText {
  if (ascii.test(original) && original.search(unseen) === -1)
    return { text: original, origin: Array.from({ length: original.length + 1 }, (_, i) => i) };
  let text = '';
  const origin: number[] = [];
  const add = (plain: string, index: number): void => {
    for (let added = 0; added < plain.length; added += 1) origin.push(index);
    text += plain;
  };
  const addAll = (from: number, to: number): void => {
    let index = from;
    for (const character of original.slice(from, to)) {
      add(plainCharacter(character), index);
      index += character.length;
    }
  };
  let done = 0;
  for (const found of original.matchAll(unseen)) {
    addAll(done, found.index);
    add(plainCharacter(characterOf(found)), found.index);
    done = found.index + found[0].length;
  }
  addAll(done, original.length);
  origin.push(original.length);
  return { text, origin };
}

/** Empty for markup. */
function characterOf({ groups }: RegExpMatchArray): string {
  const { decimal, hexadecimal } = groups ?? {};
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

// oxlint-disable-next-line no-control-regex -- the ASCII range
const ascii = /^[\u0000-\u007F]*$/;

/** Characters that are not displayed: 4<zero-width space>8 reads as 48. */
const ignorable = /^\p{Default_Ignorable_Code_Point}$/u;
/** ①, ⑫, ⒈, ㊿ and so on. Superscripts are units or notes. */
const enclosed = /^[\u2460-\u249B\u24EA-\u24FF\u2776-\u2793\u3248-\u325F\u32B1-\u32BF]$/;

function plainCharacter(character: string): string {
  if (character === '') return '';
  if (ignorable.test(character)) return '';
  if (enclosed.test(character)) return / ?(\d+)/.exec(character.normalize('NFKC'))?.[1] ?? character;
  if (character === '\u2212' || character === '\u2010' || character === '\u2011') return '-';
  const code = character.codePointAt(0) ?? 0;
  if (decimalDigit.test(character)) {
    const normal = character.normalize('NFKC');
    return /^\d$/.test(normal) ? normal : String(valueOfDigit(code));
  }
  const fullwidth = code >= 0xff01 && code <= 0xff5e;
  return fullwidth ? character.normalize('NFKC') : character;
}

/** Every set of ten digits in Unicode starts at a code point ending in hexadecimal 0 or 6. */
function valueOfDigit(code: number): number {
  const low = code % 16;
  return decimalDigit.test(String.fromCodePoint(code - low)) ? low : low - 6;
}
