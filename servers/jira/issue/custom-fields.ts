import type { JiraApi } from '../client/jira-api.ts';
import type { Issue } from '../client/shapes.ts';

/** Kept by Jira for itself: no person reads them. */
const internal = new Set(['Rank', 'Development', '[CHART] Time in Status', '[CHART] Date of First Response']);
const longestValue = 500;

/** Custom fields that have a value, by name, in words. */
export function showCustomFields({ fields, names }: Issue, api: JiraApi): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [id, value] of Object.entries(fields)) {
    const name = names[id];
    if (!id.startsWith('customfield_') || name === undefined || internal.has(name)) continue;
    const text = textOf(value, api);
    if (text !== '') shown[name] = text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
  }
  return shown;
}

/** Empty for what has no words: an object of an app, an empty list. */
function textOf(value: unknown, api: JiraApi): string {
  if (typeof value === 'string') return api.text.toMarkdown(value) || value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return value
      .map((item) => textOf(item, api))
      .filter((text) => text !== '')
      .join(', ');
  if (typeof value !== 'object' || value === null) return '';
  if ('type' in value && value.type === 'doc') return api.text.toMarkdown(value);
  for (const key of ['displayName', 'value', 'name'] as const) {
    const text: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
    if (typeof text === 'string') return 'child' in value ? `${text} > ${textOf(value.child, api)}` : text;
  }
  return '';
}
