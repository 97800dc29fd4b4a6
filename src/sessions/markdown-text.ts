import { showInvisible } from '../agent/untrusted-text.ts';

/** Text of others on one line, which cannot become markup. */
export function oneLine(text: string): string {
  return escapeMarkup(showInvisible(text).replaceAll(/\s+/g, ' ').trim());
}

/** A value in a table. */
export function cell(value: unknown): string {
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

function escapeMarkup(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|!~&]/g, (character) => `\\${character}`);
}

/** Inline code that may contain backticks. */
export function code(text: string): string {
  const line = showInvisible(text).replaceAll(/\s+/g, ' ');
  const ticks = longestRun(line) + 1;
  const fence = '`'.repeat(ticks);
  return ticks > 1 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A code block that its content cannot close. */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${showInvisible(text)}\n${fence}`;
}

function longestRun(text: string): number {
  return [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
}
