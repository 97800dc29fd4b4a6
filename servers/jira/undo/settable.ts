import { canonicalJson } from '../../contract/canonical-json.ts';
import { sha256Hex } from '../../contract/sha256.ts';
import type { FieldValues, JiraApi } from '../client/jira-api.ts';

/** The fields as they are now, in a form that Jira accepts back. */
export async function settableValues(
  issueKey: string,
  names: readonly string[],
  api: JiraApi,
): Promise<Record<string, unknown>> {
  const { fields } = await api.getIssue(issueKey, names);
  return Object.fromEntries(names.map((name) => [name, settable(fields[name])]));
}

/** What a value is recognised by later. The order of labels and the like does not count. */
export function digestOf(value: unknown): string {
  const plain = Array.isArray(value) ? value.map((entry) => canonicalJson(entry)).toSorted() : value;
  return sha256Hex(canonicalJson(plain ?? null)).slice(0, 32);
}

export function digestsOf(values: FieldValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, digestOf(value)]));
}

/** A value that Jira shows, as it is set: what is shown beside an id changes nothing. */
function settable(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return isSprints(value) ? lastSprint(value) : value.map(settable);
  if (typeof value !== 'object' || isDocument(value)) return value;
  const { accountId, key, id, name, child } = recordOf(value);
  if (accountId !== undefined) return { accountId };
  // An issue by its key. A person of Data Center has a key of another kind.
  if (typeof key === 'string' && /^[A-Z][A-Z0-9_]+-\d+$/.test(key)) return { key };
  if (id !== undefined) return child === undefined ? { id } : { id, child: settable(child) };
  return name === undefined ? value : { name };
}

function isDocument(value: object): boolean {
  return recordOf(value)['type'] === 'doc';
}

const printedSprint = /\bSprint@.*\[.*\bid=(\d+)/;

function isSprints(values: readonly unknown[]): boolean {
  const [first] = values;
  if (typeof first === 'string') return printedSprint.test(first);
  return typeof first === 'object' && first !== null && 'state' in first && 'name' in first;
}

/** A sprint is shown in a list of all it was ever in, and set by its number. */
function lastSprint(values: readonly unknown[]): number | null {
  const last = values.at(-1);
  const id = typeof last === 'string' ? printedSprint.exec(last)?.[1] : recordOf(last)['id'];
  return id === undefined ? null : Number(id);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
