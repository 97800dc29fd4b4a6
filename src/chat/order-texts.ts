/** Longer texts are compared beyond this only if they begin alike. */
const maxKey = 200;

/** Texts as codes in one array: sorting 100,000 texts with a collator, or with keys of their own, takes seconds. */
interface Keys {
  readonly codes: Uint16Array;
  /** Where each key begins. It ends with a 0. */
  readonly starts: Uint32Array;
}

/**
 * The places of the texts in order, as a person would sort them: case and accents do not matter, and numbers count
 * (`b9` before `b10`).
 */
export function orderTexts(texts: readonly string[]): Uint32Array {
  const keys = keysOf(texts);
  const places = Uint32Array.from(texts.keys());
  /** Ranges that begin alike: from, to, and how many codes are known to be equal. */
  const ranges: (readonly [from: number, to: number, depth: number])[] = [[0, places.length, 0]];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const [from, to, depth] = range;
    if (to - from < 2) continue;
    const { less, more, pivot } = split(places, keys, from, to, depth);
    ranges.push([from, less, depth], [more, to, depth]);
    if (pivot === 0) settle(places, texts, less, more);
    else ranges.push([less, more, depth + 1]);
  }
  return places;
}

/** Moves what is less than the pivot to the front and what is more to the end, as Bentley and Sedgewick do. */
function split(places: Uint32Array, { codes, starts }: Keys, from: number, to: number, depth: number) {
  const codeAt = (index: number): number => codes[(starts[places[index] ?? 0] ?? 0) + depth] ?? 0;
  const swap = (left: number, right: number): void => {
    const held = places[left] ?? 0;
    places[left] = places[right] ?? 0;
    places[right] = held;
  };
  const pivot = middle(codeAt(from), codeAt((from + to) >>> 1), codeAt(to - 1));
  let [less, at, more] = [from, from, to];
  while (at < more) {
    const code = codeAt(at);
    if (code < pivot) swap(less++, at++);
    else if (code > pivot) swap(at, --more);
    else at += 1;
  }
  return { less, more, pivot };
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The order of texts whose keys are equal: lower case first. */
function settle(places: Uint32Array, texts: readonly string[], from: number, to: number): void {
  const part = places.subarray(from, to);
  const first = texts[part[0] ?? 0];
  if (part.every((place) => texts[place] === first)) return void part.sort();
  part.sort((left, right) => {
    const [a, b] = [texts[left] ?? '', texts[right] ?? ''];
    return a === b ? left - right : a > b ? -1 : 1;
  });
}

function keysOf(texts: readonly string[]): Keys {
  const starts = new Uint32Array(texts.length);
  // A number becomes a sign, its length and its digits.
  let codes = new Uint16Array(texts.length * 16 + 4 * maxKey);
  let end = 0;
  for (const [place, text] of texts.entries()) {
    if (end + 4 * maxKey > codes.length) {
      const larger = new Uint16Array(codes.length * 2);
      larger.set(codes);
      codes = larger;
    }
    starts[place] = end;
    end = writeKey(plainText(text.length > maxKey ? text.slice(0, maxKey) : text), codes, end);
  }
  return { codes, starts };
}

function plainText(text: string): string {
  if (!/[^\0-\x7F]/u.test(text)) return text;
  return text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '').slice(0, maxKey);
}

const [zero, nine] = [0x30, 0x39];

function writeKey(text: string, codes: Uint16Array, start: number): number {
  let end = start;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < zero || code > nine) {
      codes[end++] = code >= 0x41 && code <= 0x5a ? code + 32 : Math.max(code, 1);
      continue;
    }
    let first = index;
    while (isDigit(text.charCodeAt(index + 1))) index += 1;
    while (first < index && text.charCodeAt(first) === zero) first += 1;
    codes[end++] = zero;
    codes[end++] = index - first + 1;
    for (; first <= index; first += 1) codes[end++] = text.charCodeAt(first);
  }
  codes[end] = 0;
  return end + 1;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}
