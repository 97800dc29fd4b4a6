import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  parseSync,
  Visitor,
  type CallExpression,
  type TaggedTemplateExpression,
  type TemplateLiteral,
} from 'oxc-parser';

/** A text that goes through a translation, or one that does not and looks as if a person would read it. */
export interface Found {
  readonly text: string;
  /** `src/webview/main.ts:12` */
  readonly place: string;
  /** How many values it is given. */
  readonly values: number;
}

export interface ShownTexts {
  readonly translated: readonly Found[];
  readonly plain: readonly Found[];
}

/** Which argument of these is the text: of `plural`, both forms. */
const translators: ReadonlyMap<string, readonly number[]> = new Map([
  ['t', [0]],
  ['rich', [0]],
  ['plural', [1, 2]],
]);
/** Attributes that a person reads or hears. */
const attributes = /\s(?:title|aria-label|placeholder|alt|label)=(?:"([^"]*)"|([^\s>"]+))/g;
/** Fields whose value is a text, even one of a single small word. */
const fields = new Set(['word', 'title', 'label', 'hint', 'tooltip', 'placeHolder', 'prompt', 'detail', 'description']);
/** Fields that hold an example, or words for within English messages of the servers. */
const asTheyAre = new Set(['placeholder', 'terms']);
const hole = '\u0001';

export function filesIn(...patterns: readonly string[]): readonly string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
}

/** What the files show, by their syntax tree. */
export function findTexts(files: readonly string[]): ShownTexts {
  const all = files.map((file) => textsOf(file, readFileSync(file, 'utf8')));
  return { translated: all.flatMap(({ translated }) => translated), plain: all.flatMap(({ plain }) => plain) };
}

export function textsOf(file: string, source: string): ShownTexts {
  const translated: Found[] = [];
  const plain: Found[] = [];
  /** Ranges that are done with: arguments of translators, templates of HTML, imports, types. */
  const done: (readonly [start: number, end: number])[] = [];
  const isDone = (at: number): boolean => done.some(([start, end]) => at >= start && at < end);
  const found = (text: string, start: number, values = 0): Found => ({
    text,
    place: `${file}:${source.slice(0, start).split('\n').length}`,
    values,
  });
  const readCall = (call: CallExpression): void => {
    const { callee, arguments: given } = call;
    const isOfVsCode =
      callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === 'l10n';
    const name = callee.type === 'Identifier' ? callee.name : isOfVsCode ? 't' : '';
    for (const at of translators.get(name) ?? []) {
      const argument = given[at];
      if (argument === undefined) continue;
      done.push([argument.start, argument.end]);
      const values = given.length - (name === 'plural' ? 2 : 1);
      if (argument.type === 'Literal' && typeof argument.value === 'string')
        translated.push(found(argument.value, argument.start, values));
      else plain.push(found(`not a plain text: ${source.slice(argument.start, argument.end)}`, argument.start));
    }
  };
  const readHtml = ({ tag, quasi }: TaggedTemplateExpression): void => {
    // `String.raw`, which patterns are written in.
    if (tag.type === 'MemberExpression') done.push([quasi.start, quasi.start + 1]);
    if (tag.type !== 'Identifier' || (tag.name !== 'html' && tag.name !== 'svg')) return;
    for (const { start, end } of quasi.quasis) done.push([start, end]);
    done.push([quasi.start, quasi.start + 1]);
    const markup = quasi.quasis.map(({ value }) => value.raw).join(hole);
    const spoken = [...markup.matchAll(attributes)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const texts = markup.split(/<[^>]*>/).map((text) => text.replaceAll(/\s+/g, ' ').trim());
    for (const text of [...spoken, ...texts])
      if (/\p{L}{2}/u.test(text)) plain.push(found(text.replaceAll(hole, '{}'), quasi.start));
  };
  const note = (text: string, start: number, isField = false): void => {
    if (!isDone(start) && (isProse(text) || (isField && /\p{L}{2}/u.test(text)))) plain.push(found(text, start));
  };
  const skip = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    done.push([start, end]);
  };
  new Visitor({
    ImportDeclaration: skip,
    TSTypeAnnotation: skip,
    TSTypeAliasDeclaration: skip,
    TSInterfaceDeclaration: skip,
    TSTypeParameterInstantiation: skip,
    CallExpression: readCall,
    TaggedTemplateExpression: readHtml,
    Property: ({ key, value }) => {
      const name = key.type === 'Identifier' ? key.name : '';
      if (key.type === 'Literal') done.push([key.start, key.end]);
      if (asTheyAre.has(name)) done.push([value.start, value.end]);
      if (fields.has(name) && value.type === 'Literal' && typeof value.value === 'string') {
        note(value.value, value.start, true);
        done.push([value.start, value.end]);
      }
    },
    Literal: ({ value, start }) => {
      if (typeof value === 'string') note(value, start);
    },
    TemplateLiteral: ({ quasis, start }) => {
      note(quasis.map(({ value }) => value.cooked).join('{}'), start);
    },
  }).visit(parseSync(file, source).program);
  return { translated, plain };
}

/** Names of keys, which a program compares. */
const keyNames = /^(?:Enter|Escape|Arrow\w+|Home|End|Tab|Page\w+|Backspace|Delete)$/;
/** Classes, styles and units. */
const isStyle = (text: string): boolean =>
  /\{\}px|^[\w-]+ \{\}$|^\{\} (?:ms|s|min|kB|MB)\b|^[.[]\w|\[contenteditable/.test(text);

function isProse(text: string): boolean {
  if (keyNames.test(text) || isStyle(text)) return false;
  return (
    /\p{L}{2,}\S*\s+\S*\p{L}{2,}/u.test(text) || /^\p{Lu}\p{Ll}+/u.test(text) || /\{\} \p{Ll}|\p{Ll} \{\}/u.test(text)
  );
}

/** Every text of these files, with `{0}` for each value that is filled in. */
export function everyText(files: readonly string[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const file of files) {
    new Visitor({
      Literal: ({ value }) => {
        if (typeof value === 'string') texts.add(value);
      },
      TemplateLiteral: (template) => {
        texts.add(templateOf(template));
      },
    }).visit(parseSync(file, readFileSync(file, 'utf8')).program);
  }
  return texts;
}

/** The texts that these fields have, wherever an object is written with them. */
export function textsOfFields(files: readonly string[], names: readonly string[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const file of files) {
    new Visitor({
      Property: ({ key, value }) => {
        if (key.type !== 'Identifier' || !names.includes(key.name)) return;
        if (value.type === 'Literal' && typeof value.value === 'string') texts.add(value.value);
        if (value.type === 'TemplateLiteral') texts.add(templateOf(value));
      },
    }).visit(parseSync(file, readFileSync(file, 'utf8')).program);
  }
  return texts;
}

function templateOf({ quasis }: TemplateLiteral): string {
  return quasis.map(({ value }, at) => `${at === 0 ? '' : `{${at - 1}}`}${value.cooked ?? ''}`).join('');
}
