// Legal in JSON text, but terminals interpret some of them and others mislead readers. oxlint-disable-next-line
// no-control-regex -- the pattern is about control characters
const treacherous = /[\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/** The same value for programs, safe in a terminal and readable for people. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    treacherous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
