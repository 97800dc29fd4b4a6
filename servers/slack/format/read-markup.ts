/** Names of people, channels and groups by id. */
export type Names = ReadonlyMap<string, string>;

// Slack encodes literal `<` and `>` as entities, so another `<` starts a new element.
const markup = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/** The visible text of mrkdwn: names for ids, and links with their addresses. */
export function readableText(text: string, names: Names): string {
  return text
    .replace(markup, (_, mark: string, target: string, given: string | undefined) => {
      // Slack writes "<#C0123456789|>" when the reader must look up the name.
      const label = given === '' ? undefined : given;
      if (mark === '@') return `@${names.get(target) ?? label?.replace(/^@/, '') ?? target}`;
      if (mark === '#') return `#${names.get(target) ?? label?.replace(/^#/, '') ?? target}`;
      if (mark === '!') return specialText(target, label, names);
      return label === undefined || label === target ? target : `${label} (${target})`;
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** "<!here>", "<!subteam^S012|@oncall>" and "<!date^1763769600^{date_num}^https://…|2025-11-22>". */
function specialText(target: string, label: string | undefined, names: Names): string {
  const [kind = '', ...parts] = target.split('^');
  if (kind === 'date') return dateText(parts[0] ?? '', label, parts[2]);
  if (kind === 'subteam') return groupText(parts[0] ?? '', label, names);
  return `@${label?.replace(/^@/, '') ?? kind}`;
}

export function groupText(id: string, label: string | undefined, names: Names): string {
  return `@${names.get(id) ?? label?.replace(/^@/, '') ?? `group ${id}`}`;
}

/** The fallback text that the author chose, and the link, if any. */
export function dateText(timestamp: string, fallback: string | undefined, url: string | undefined): string {
  const shown = fallback ?? shownDate(timestamp);
  return url === undefined || url === '' ? shown : `${shown} (${url})`;
}

/** Seconds since 1970 as ISO 8601. Anything else is returned unchanged. */
export function shownDate(timestamp: string): string {
  const date = new Date(Number(timestamp) * 1000);
  return timestamp === '' || Number.isNaN(date.getTime()) ? timestamp : `${date.toISOString().slice(0, 19)}Z`;
}

export function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
