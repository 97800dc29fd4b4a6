/** The texts of a webview in another language, by the English text. `{0}` stands for a value. */
export interface Texts {
  /** Of numbers, plural forms and times too, as a BCP 47 tag. */
  readonly language: string;
  /** Those that the webview writes itself. */
  readonly panel: Readonly<Record<string, string>>;
  /** Those that arrive in English from the agent and the servers, whose logs and models read the same. */
  readonly core: Readonly<Record<string, string>>;
}

export const english: Texts = { language: 'en-US', panel: {}, core: {} };

/** What others wrote can stand in a sentence of ours, but no more of it than this. */
const maxKnownLength = 2000;

export type Value = string | number;

export interface Translate {
  readonly language: string;
  /** The text with its values. Numbers are written as the language writes them. */
  readonly t: (message: string, ...values: readonly Value[]) => string;
  /** The form for that number, which is its first value. */
  readonly plural: (count: number, one: string, other: string, ...values: readonly Value[]) => string;
  /** The text in its parts, for values that are no text. */
  readonly rich: <Parts extends readonly unknown[]>(
    message: string,
    ...values: Parts
  ) => readonly (string | Parts[number])[];
  /** A name that arrived in English: of a tool, of a field. One that is not known stays as it is. */
  readonly term: (text: string) => string;
  /** A sentence of ours that arrived in English, with values in it. Not for what others wrote. */
  readonly known: (text: string) => string;
}

export function createTranslate({ language, panel, core }: Texts): Translate {
  // Others choose what is looked for here: "constructor" is a name like any other.
  const said = new Map(Object.entries(core));
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const write = (value: Value | undefined): string =>
    typeof value === 'number' ? numbers.format(value) : (value ?? '');
  const partsOf = (message: string): readonly string[] => split(panel[message] ?? message);
  const fill = (parts: readonly string[], values: readonly Value[]): string =>
    parts.map((part, at) => (at % 2 === 0 ? part : write(values[Number(part)]))).join('');
  const t: Translate['t'] = (message, ...values) => fill(partsOf(message), values);
  function rich<Parts extends readonly unknown[]>(
    message: string,
    ...values: Parts
  ): readonly (string | Parts[number])[] {
    return partsOf(message).flatMap((part, at): readonly (string | Parts[number])[] => {
      if (at % 2 === 0) return part === '' ? [] : [part];
      return Number(part) in values ? [values[Number(part)]] : [];
    });
  }
  /** Values are translated too: they are shorter each time. */
  function known(text: string): string {
    const exact = said.get(text);
    if (exact !== undefined || text.length > maxKnownLength) return exact ?? text;
    for (const template of templates()) {
      const values = valuesIn(split(template), text);
      if (values !== undefined) return fill(split(said.get(template) ?? template), values.map(known));
    }
    return text;
  }
  const templates = lazily(() => [...said.keys()].filter((key) => key.includes('{0}')));
  return {
    language,
    t,
    plural: (count, one, other, ...values) => t(rules.select(count) === 'one' ? one : other, count, ...values),
    rich,
    term: (text) => said.get(text) ?? text,
    known,
  };
}

/** Text, number of a value, text, number of a value, ..., text. */
function split(message: string): readonly string[] {
  return message.split(/\{(\d)\}/u);
}

/** The values that make this text of the template; undefined if none do. */
function valuesIn(template: readonly string[], text: string): readonly string[] | undefined {
  const values: string[] = [];
  let at = 0;
  for (let index = 0; index < template.length; index += 2) {
    const words = template[index] ?? '';
    const isLast = index === template.length - 1;
    const found =
      index === 0 ? (text.startsWith(words) ? 0 : -1) : isLast ? lastAt(text, words) : text.indexOf(words, at + 1);
    if (found < at) return undefined;
    if (index > 0) values[Number(template[index - 1])] = text.slice(at, found);
    at = found + words.length;
  }
  return at === text.length && values.every((value) => value !== '') ? values : undefined;
}

function lastAt(text: string, words: string): number {
  return text.endsWith(words) ? text.length - words.length : -1;
}

function lazily<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}
