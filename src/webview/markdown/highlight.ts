import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import diff from 'highlight.js/lib/languages/diff';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import yaml from 'highlight.js/lib/languages/yaml';
import type { Emitter } from 'highlight.js';

export type CodeNode = string | { readonly scope: string; readonly children: CodeNode[] };

/** Longer code is not highlighted. Some language patterns retry a long word from each of its letters, which is slow. */
const maxLength = 10_000;
const maxWordLength = 500;

/** Collects the output of highlight.js as a tree instead of HTML text, so that it renders without innerHTML. */
class TreeEmitter implements Emitter {
  readonly root: CodeNode[] = [];
  private readonly open: CodeNode[][] = [this.root];

  addText(text: string): void {
    if (text !== '') this.open.at(-1)?.push(text);
  }

  /** highlight.js calls this for nested modes, although its Emitter type does not declare it. */
  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  startScope(scope: string): void {
    const children: CodeNode[] = [];
    this.open.at(-1)?.push({ scope, children });
    this.open.push(children);
  }

  endScope(): void {
    if (this.open.length > 1) this.open.pop();
  }

  __addSublanguage(emitter: Emitter): void {
    if (emitter instanceof TreeEmitter) this.open.at(-1)?.push(...emitter.root);
  }

  finalize(): void {
    this.open.length = 1;
  }

  toHTML(): string {
    return '';
  }
}

hljs.configure({ __emitter: TreeEmitter });
const languages = { bash, diff, javascript, json, python, sql, typescript, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

/** The code as highlighted pieces, or as one plain piece if the language is unknown. */
export function highlight(code: string, language: string): readonly CodeNode[] {
  if (code.length > maxLength || hljs.getLanguage(language) === undefined) return [code];
  if (code.split(/\s+/u).some((word) => word.length > maxWordLength)) return [code];
  const { _emitter: emitter, errorRaised } = hljs.highlight(code, { language, ignoreIllegals: true });
  return emitter instanceof TreeEmitter && errorRaised === undefined ? emitter.root : [code];
}
