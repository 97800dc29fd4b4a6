// Legal within JSON text, but a terminal obeys the first of them and people are misled by the others.
// oxlint-disable-next-line no-control-regex -- these are what it is about
const treacherous = /[\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/** The same value for a program, harmless in a terminal and plain to people. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    treacherous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
