import type { JiraApi } from '../client/jira-api.ts';
import type { Field, Option } from '../client/shapes.ts';
import { ToolError } from '../../kit/errors.ts';
import { findAssignee } from './people.ts';

/** A value as Jira wants it, and as people read it. */
export interface FieldValue {
  readonly value: unknown;
  readonly shown: string;
  readonly warnings: readonly string[];
}

export interface FieldPlace {
  readonly api: JiraApi;
  readonly where: { projectKey: string } | { issueKey: string };
}

/** Most that a message lists of the allowed values. */
const mostListed = 40;

/**
 * Turns what a caller gave for a field into what its schema wants: names of options, components, versions, priorities
 * and people into ids, Markdown into rich text.
 * @param argument what to call it in an error: "fields.Severity".
 * @throws ToolError `invalid_arguments` naming the argument and what would be right.
 */
export async function toFieldValue(
  field: Field,
  given: unknown,
  argument: string,
  place: FieldPlace,
): Promise<FieldValue> {
  if (given === null) return plain(null, 'none');
  const { type, items = '' } = field.schema;
  // A list by its schema, but set by the id of one sprint.
  if (field.schema.custom?.endsWith(':gh-sprint') === true) return asNumber(given, argument);
  if (type === 'array') {
    const list = typeof given === 'string' && items !== 'string' ? given.split(',').map((part) => part.trim()) : given;
    if (!Array.isArray(list)) throw wrong(argument, 'must be a list');
    const values: FieldValue[] = [];
    for (const [index, item] of list.entries())
      values.push(await toSingleValue(field, items, item, `${argument}[${index}]`, place));
    return plain(
      values.map(({ value }) => value),
      values.map(({ shown }) => shown).join(', '),
    );
  }
  return toSingleValue(field, type, given, argument, place);
}

async function toSingleValue(
  field: Field,
  type: string,
  given: unknown,
  argument: string,
  place: FieldPlace,
): Promise<FieldValue> {
  if (isRichText(field)) {
    const converted = place.api.text.fromMarkdown(asText(given, argument), argument);
    return { value: converted.value, shown: asText(given, argument), warnings: converted.warnings };
  }
  switch (type) {
    case 'string':
      return plain(asText(given, argument), asText(given, argument));
    case 'number':
      return asNumber(given, argument);
    case 'date':
    case 'datetime':
      return asDate(type, given, argument);
    case 'user': {
      const user = await findAssignee(asText(given, argument), argument, place.where, place.api);
      return plain(place.api.userReference(user), user.displayName);
    }
    case 'option-with-child':
      return asCascade(field, given, argument);
    default:
      return field.allowedValues === undefined ? plain(given, shownOf(given)) : asOption(field, given, argument);
  }
}

function plain(value: unknown, shown: string): FieldValue {
  return { value, shown, warnings: [] };
}

/** Description, environment and multi-line custom fields. */
function isRichText({ schema }: Field): boolean {
  return ['description', 'environment'].includes(schema.system ?? '') || schema.custom?.endsWith(':textarea') === true;
}

function asText(given: unknown, argument: string): string {
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  throw wrong(argument, 'must be text');
}

function asNumber(given: unknown, argument: string): FieldValue {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(argument, 'must be a number');
  return plain(number, String(number));
}

function asDate(type: 'date' | 'datetime', given: unknown, argument: string): FieldValue {
  const text = asText(given, argument);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  if (type === 'date') {
    if (isDay) return plain(text, text);
    throw wrong(argument, 'must be a date such as 2026-11-30');
  }
  if (Number.isNaN(Date.parse(text))) throw wrong(argument, 'must be a time such as 2026-11-30T14:00:00Z');
  return plain(new Date(text).toISOString().replace('Z', '+0000'), text);
}

function asOption(field: Field, given: unknown, argument: string): FieldValue {
  const option = findOption(field.allowedValues ?? [], given);
  if (option !== undefined) return plain(referenceTo(option), nameOf(option));
  throw wrong(argument, `must be one of: ${listOptions(field)}`, { allowed: field.allowedValues?.map(nameOf) });
}

/** "Europe > Berlin", or the first alone. */
function asCascade(field: Field, given: unknown, argument: string): FieldValue {
  const [parentName = '', childName] = Array.isArray(given)
    ? given.map(String)
    : asText(given, argument)
        .split('>')
        .map((part) => part.trim());
  const parent = findOption(field.allowedValues ?? [], parentName);
  if (parent === undefined) throw wrong(argument, `must be one of: ${listOptions(field)}`);
  if (childName === undefined) return plain(referenceTo(parent), nameOf(parent));
  const child = parent.children?.find(({ value }) => value?.toLowerCase() === childName.toLowerCase());
  if (child === undefined)
    throw wrong(
      argument,
      `below ${nameOf(parent)} must be one of: ${(parent.children ?? []).map(({ value }) => value).join(', ')}`,
    );
  return plain({ ...referenceTo(parent), child: { id: child.id } }, `${nameOf(parent)} > ${childName}`);
}

function findOption(options: readonly Option[], given: unknown): Option | undefined {
  const wanted = typeof given === 'object' && given !== null ? Object.values(given) : [given];
  const matches = (text: string | undefined) =>
    text !== undefined && wanted.some((part) => String(part).trim().toLowerCase() === text.toLowerCase());
  return options.find(({ name, value }) => matches(value) || matches(name)) ?? options.find(({ id }) => matches(id));
}

function referenceTo({ id, name, value }: Option): Record<string, unknown> {
  if (id !== undefined) return { id };
  return value === undefined ? { name } : { value };
}

function nameOf({ id, name, value }: Option): string {
  return value ?? name ?? id ?? '';
}

/** The allowed values of a field in words; empty when it takes anything. */
export function listOptions(field: Field): string {
  const names = (field.allowedValues ?? []).map(nameOf);
  const more = names.length > mostListed ? `, and ${names.length - mostListed} more` : '';
  return names.slice(0, mostListed).join(', ') + more;
}

function shownOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function wrong(argument: string, message: string, details?: Record<string, unknown>): ToolError {
  return new ToolError('invalid_arguments', `'${argument}' ${message}.`, details === undefined ? {} : { details });
}
