import names from 'markdown-it-emoji/lib/data/full.mjs';
import type { Inline } from './blocks.ts';

/** Names that only Slack uses. */
const ofSlack: ReadonlyMap<string, string> = new Map([
  ['large_green_circle', '🟢'],
  ['large_yellow_circle', '🟡'],
  ['large_orange_circle', '🟠'],
  ['large_purple_circle', '🟣'],
  ['large_brown_circle', '🟤'],
  ['large_red_square', '🟥'],
  ['large_green_square', '🟩'],
  ['large_yellow_square', '🟨'],
  ['large_blue_square', '🟦'],
  ['face_with_monocle', '🧐'],
  ['hourglass', '⌛'],
  ['thumbsup_all', '👍'],
  ['bangbang', '‼️'],
  ['white_check_mark', '✅'],
  ['simple_smile', '🙂'],
  ['slightly_smiling_face', '🙂'],
  ['knife_fork_plate', '🍽️'],
  ['sleuth_or_spy', '🕵️'],
  ['admission_tickets', '🎟️'],
]);
const emoji = /:([a-z0-9_+'-]{1,60}):(?::skin-tone-([2-6]):)?/gy;

/** Splits text at emoji names, because Slack shows an emoji only as a separate element. */
export function withEmoji(inline: Inline): Inline[] {
  if (inline.type !== 'text' || inline.style?.code === true || !inline.text.includes(':')) return [inline];
  const output: Inline[] = [];
  let last = 0;
  for (let at = inline.text.indexOf(':'); at >= 0; at = inline.text.indexOf(':', at)) {
    emoji.lastIndex = at;
    const [whole = '', name = '', tone] = emoji.exec(inline.text) ?? [];
    // A name directly after another counts. Inside a word, a time of day or an identifier it does not.
    const isFree = at === last || !/[\p{L}\p{N}_:]/u.test(inline.text[at - 1] ?? '');
    const isEnded = !/[\p{L}\p{N}_]/u.test(inline.text[at + whole.length] ?? '');
    if (!isFree || !isEnded || symbolOf(name) === undefined) {
      at += 1;
      continue;
    }
    if (at > last) output.push({ ...inline, text: inline.text.slice(last, at) });
    output.push({ type: 'emoji', name, ...(tone !== undefined && { unicode: withTone(name, Number(tone)) }) });
    at += whole.length;
    last = at;
  }
  if (last < inline.text.length) output.push({ ...inline, text: inline.text.slice(last) });
  return output;
}

let regions: Intl.DisplayNames | undefined;

/** Made when first needed: loading the names would delay every start by milliseconds. */
function isRegion(code: string): boolean {
  regions ??= new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  return regions.of(code) !== undefined;
}

/** undefined for an unknown name. Slack writes man-shrugging, male-doctor, flag-de. */
function symbolOf(name: string): string | undefined {
  const region = /^flag-([a-z]{2})$/.exec(name)?.[1]?.toUpperCase();
  if (region !== undefined) return isRegion(region) ? flagOf(region) : undefined;
  const usual = name
    .replace(/^male-/, 'man_')
    .replace(/^female-/, 'woman_')
    .replaceAll('-', '_');
  for (const known of [name, usual, `family_${usual}`]) if (Object.hasOwn(names, known)) return names[known];
  return ofSlack.get(name);
}

const firstLetter = 0x1f1e6;

/** A flag is written in letters of its own: 🇩 🇪. */
function flagOf(region: string): string {
  return Array.from(region, (letter) => String.fromCodePoint(firstLetter + letter.charCodeAt(0) - 65)).join('');
}

const firstTone = 0x1f3fb;

/** In Slack's format: "1f44b-1f3fc". */
function withTone(name: string, tone: number): string {
  const [first = '', ...rest] = Array.from(symbolOf(name) ?? '').filter((part) => part !== '\ufe0f');
  const codes = [first, String.fromCodePoint(firstTone + tone - 2), ...rest];
  return codes.map((part) => (part.codePointAt(0) ?? 0).toString(16)).join('-');
}

/** `:wave::skin-tone-3:` */
export function emojiText({ name, unicode = '' }: { readonly name: string; readonly unicode?: string }): string {
  const tone = Number.parseInt(unicode.split('-')[1] ?? '', 16) - firstTone + 2;
  return tone >= 2 && tone <= 6 ? `:${name}::skin-tone-${tone}:` : `:${name}:`;
}

/** As Slack draws it: 👋🏼, or its name if only Slack knows it. */
export function emojiSymbol(emoji: { readonly name: string; readonly unicode?: string }): string {
  if (emoji.unicode !== undefined)
    return String.fromCodePoint(...emoji.unicode.split('-').map((code) => Number.parseInt(code, 16)));
  return symbolOf(emoji.name) ?? emojiText(emoji);
}
