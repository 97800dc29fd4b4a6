import type { ApprovalRequest } from '../../chat/vocabulary.ts';
import type { JsonSchema } from '../../chat/vocabulary.ts';
import { valueText } from './value.ts';
import { t, term } from '../l10n.ts';

/** One row in the form of an approval card. */
export interface EditableField {
  readonly label: string;
  /** If absent, the field is read-only. */
  readonly argument: string | undefined;
  /** The initial value of the input. */
  readonly text: string;
  readonly description: string | undefined;
  readonly kind: FieldKind;
  /** The allowed values, if they are restricted. */
  readonly options: readonly string[];
}

export type FieldKind = 'line' | 'text' | 'list' | 'number' | 'boolean' | 'json';

/**
 * The form of a card: one field for every argument that the tool takes or was given, those that the preview names first
 * and by its labels. What the preview shows beside them cannot be edited.
 */
export function fieldsOf(request: ApprovalRequest): readonly EditableField[] {
  const { preview, tool } = request;
  const named = preview?.fields ?? [];
  const shared = new Set(
    named.map(({ argument }) => argument).filter((argument, at, all) => all.indexOf(argument) < at),
  );
  const shown = new Map<string, EditableField>();
  for (const { label, value, argument } of named) {
    if (argument === undefined) shown.set(`: ${label}`, field(request, label, undefined, value));
    // An argument behind several lines of the preview has one field, by its own name.
    else if (shared.has(argument)) shown.set(argument, field(request, labelOf(argument), argument, ''));
    else shown.set(argument, field(request, label, argument, value));
  }
  for (const name of [...Object.keys(properties(tool.inputSchema)), ...Object.keys(request.arguments)])
    if (!shown.has(name)) shown.set(name, field(request, preview === undefined ? name : labelOf(name), name, ''));
  return [...shown.values()];
}

/** The name of an argument of ours, for a person: "Issue type". */
function labelOf(name: string): string {
  const words = labels.get(name) ?? term(name.replaceAll('_', ' '));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The label of a line of a preview. One that only repeats the argument's name is in the panel's language. */
export function shownLabel(label: string, argument: string | undefined): string {
  const repeats =
    argument !== undefined && labels.has(argument) && label.toLowerCase() === argument.replaceAll('_', ' ');
  return repeats ? labelOf(argument) : term(label);
}

const labels: ReadonlyMap<string, string> = new Map([
  ['project_key', t('project')],
  ['issue_key', t('issue')],
  ['ts', t('message')],
  ['thread_ts', t('thread')],
  ['unfurl_hosts', t('hosts whose links show cards')],
  ['fields', t('other fields')],
  ['summary', t('summary')],
  ['description', t('description')],
  ['issue_type', t('issue type')],
  ['priority', t('priority')],
  ['labels', t('labels')],
  ['assignee', t('assignee')],
  ['parent', t('parent')],
  ['mentions', t('mentions')],
  ['body', t('body')],
  ['internal', t('internal')],
  ['watchers', t('watchers')],
  ['transition', t('transition')],
  ['comment', t('comment')],
  ['from_key', t('from key')],
  ['to_key', t('to key')],
  ['link_type', t('link type')],
  ['filename', t('filename')],
  ['content', t('content')],
  ['media_type', t('media type')],
  ['channel', t('channel')],
  ['text', t('text')],
  ['name', t('name')],
  ['remove', t('remove')],
  ['unpin', t('unpin')],
  ['title', t('title')],
  ['blocks', t('blocks')],
  ['file_id', t('file id')],
]);

/** The arguments with the edits applied (an emptied optional one is omitted, an emptied list is empty), or the invalid field and the reason. */
export function applyEdits(
  request: ApprovalRequest,
  fields: readonly EditableField[],
  edits: ReadonlyMap<string, string>,
): { readonly arguments: Record<string, unknown> } | { readonly argument: string; readonly problem: string } {
  const result: Record<string, unknown> = { ...request.arguments };
  for (const { argument, kind, label } of fields) {
    const text = argument === undefined ? undefined : edits.get(argument);
    if (argument === undefined || text === undefined) continue;
    const value = parse(kind, text);
    if ('problem' in value) return { argument, problem: value.problem(label) };
    // An empty list says that there are none; leaving it out would leave them as they are.
    const isLeftOut = text === '' && kind !== 'list' && !required(request.tool.inputSchema).includes(argument);
    if (isLeftOut) delete result[argument];
    else result[argument] = value.value;
  }
  return { arguments: result };
}

function field(request: ApprovalRequest, label: string, argument: string | undefined, shown: string): EditableField {
  const schema = argument === undefined ? undefined : properties(request.tool.inputSchema)[argument];
  const value = argument === undefined ? undefined : (request.draft?.[argument] ?? request.arguments[argument]);
  const options = schema !== undefined && Array.isArray(schema['enum']) ? schema['enum'] : [];
  const isText = argument !== undefined && texts.has(argument) && (value === undefined || typeof value === 'string');
  const kind = isText ? 'text' : kindOf(value, schema);
  return {
    label: shownLabel(label, argument),
    argument,
    kind,
    text: value === undefined ? shown : toText(kind, value),
    description: typeof schema?.['description'] === 'string' ? schema['description'] : undefined,
    options: options.filter((option) => typeof option === 'string'),
  };
}

/** Arguments that hold a text of any length, whatever they hold now. */
const texts: ReadonlySet<string> = new Set(['description', 'text', 'body', 'comment', 'content']);

function kindOf(value: unknown, schema: JsonSchema | undefined): FieldKind {
  if (typeof value === 'string') return value.includes('\n') || value.length > 100 ? 'text' : 'line';
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return 'list';
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value === 'number' ? 'number' : 'boolean';
  if (typeof value === 'object' && value !== null) return 'json';
  switch (schema?.['type']) {
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return isObject(schema['items']) && schema['items']['type'] === 'string' ? 'list' : 'json';
    case 'object':
      return 'json';
    default:
      return 'line';
  }
}

function toText(kind: FieldKind, value: unknown): string {
  if (kind === 'list' && Array.isArray(value)) return value.join(', ');
  if (kind === 'json') return JSON.stringify(value, undefined, 2);
  return valueText(value) ?? '';
}

/** Says of a field what it must hold. */
interface Refused {
  readonly problem: (label: string) => string;
}

function parse(kind: FieldKind, text: string): { readonly value: unknown } | Refused {
  switch (kind) {
    case 'line':
    case 'text':
      return { value: text };
    case 'list':
      return { value: text.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()])) };
    case 'number':
      return Number.isFinite(Number(text))
        ? { value: Number(text) }
        : { problem: (label) => t('{0} must be a number, like 5.', label) };
    case 'boolean':
      return /^(?:true|false|)$/u.test(text)
        ? { value: text === 'true' }
        : { problem: (label) => t('{0} must be true or false.', label) };
    case 'json':
      return text === '' ? { value: undefined } : parseJson(text);
  }
}

function parseJson(text: string): { readonly value: unknown } | Refused {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: (label) => t('{0} must be JSON: {1}', label, why) };
  }
}

function properties(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const found = schema['properties'];
  if (!isObject(found)) return {};
  return Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (isObject(value) ? [[name, value]] : [])));
}

function required(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema['required']) ? schema['required'] : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
