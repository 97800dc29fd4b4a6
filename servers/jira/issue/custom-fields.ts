import type { JiraApi } from '../client/jira-api.ts';
import type { Issue } from '../client/response-schemas.ts';

/** Internal to Jira and meaningless to readers. */
const internal = new Set(['Rank', 'Development', '[CHART] Time in Status', '[CHART] Date of First Response']);
const maxValueLength = 500;

/** Custom fields that have a value, by name, as text. Fields that share a name include their ids. */
export function showCustomFields({ fields, names }: Issue, api: JiraApi): Record<string, string> {
  const shown = Object.entries(fields).flatMap(([id, value]) => {
    const name = names[id];
    if (!id.startsWith('customfield_') || name === undefined || internal.has(name)) return [];
    const text = textOf(value, api);
    return text === '' ? [] : [{ id, name, text }];
  });
  const count = new Map<string, number>();
  for (const { name } of shown) count.set(name.toLowerCase(), (count.get(name.toLowerCase()) ?? 0) + 1);
  return Object.fromEntries(
    shown.map(({ id, name, text }) => [
      (count.get(name.toLowerCase()) ?? 0) > 1 ? `${name} (${id})` : name,
      text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text,
    ]),
  );
}

/** A sprint as serialized by older versions of Data Center: "com.atlassian...Sprint@1[id=5,state=ACTIVE,name=ENG 5,...]". */
const sprintText = /^com\.atlassian\.greenhopper\.service\.sprint\.Sprint@[\da-f]+\[(.*)\]$/s;

/** Empty if there is no readable text: an app's object or an empty list. */
function textOf(value: unknown, api: JiraApi): string {
  if (typeof value === 'string') {
    const sprint = sprintText.exec(value)?.[1];
    // The name may contain commas, so it ends where the next property starts.
    if (sprint !== undefined) return /(?:^|,)name=(.*?)(?=,\w+=|$)/s.exec(sprint)?.[1] ?? '';
    return api.text.toMarkdown(value) || value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return value
      .map((item) => textOf(item, api))
      .filter((text) => text !== '')
      .join(', ');
  if (typeof value !== 'object' || value === null) return '';
  if ('type' in value && value.type === 'doc') return api.text.toMarkdown(value);
  for (const key of ['displayName', 'value', 'name', 'key'] as const) {
    const text: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
    if (typeof text === 'string') return 'child' in value ? `${text} > ${textOf(value.child, api)}` : text;
  }
  return '';
}
