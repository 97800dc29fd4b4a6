import type { JiraApi, WholeText } from '../client/jira-api.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { Field } from '../client/response-schemas.ts';
import { readDay, readDuration, readTime } from './dates.ts';
import { chooseCascade, chooseOption, findOption } from './options.ts';
import { findAssignee, findUser } from './people.ts';
import { findSprint } from './sprints.ts';
import { asText, isRecord, unwrap, wrongArgument } from './wrong-argument.ts';

/** A value in Jira's format, and as readable text. */
export interface FieldValue {
  readonly value: unknown;
  readonly shown: string;
  readonly warnings: readonly string[];
  /** The text that did not fit. */
  readonly whole?: WholeText | undefined;
}

export interface FieldPlace {
  readonly api: JiraApi;
  readonly where: { projectKey: string } | { issueKey: string };
  /** The key of an issue that a field may refer to. @throws ToolError */
  readonly requireIssue: (issueKey: string) => Promise<string>;
}

/**
 * Converts a caller's value to what the field's schema requires: names of options, components, versions, priorities,
 * groups, sprints and people to ids, and Markdown to rich text. Also accepts Jira's own shapes, such as `{"name":
 * "High"}`.
 * @param argument what to call it in an error: "fields.Severity".
 * @throws ToolError `invalid_arguments` that names the argument and what is expected.
 */
export async function toFieldValue(
  field: Field,
  given: unknown,
  argument: string,
  place: FieldPlace,
): Promise<FieldValue> {
  if (given === null) return plain(null, 'none');
  const { type, items = '' } = field.schema;
  // A list in the schema, but set by the id of one sprint.
  if (isCustom(field, 'gh-sprint')) {
    const { value, shown } = await findSprint(given, argument, place.where, place.api);
    return plain(value, shown);
  }
  if (isCustom(field, 'gh-epic-link')) return asIssue(given, argument, place, (key) => key);
  if (type !== 'array') return toSingleValue(field, type, given, argument, place);
  const values: FieldValue[] = [];
  for (const [index, item] of toList(field, items, given, argument).entries())
    values.push(await toSingleValue(field, items, item, `${argument}[${index}]`, place));
  return plain(
    values.map(({ value }) => value),
    values.map(({ shown }) => shown).join(', '),
  );
}

/** A single value is a list of one. Text with commas is several values, unless the whole text is a valid value. */
function toList(field: Field, items: string, given: unknown, argument: string): readonly unknown[] {
  if (Array.isArray(given)) return given.map((item: unknown) => item);
  if (isRecord(given)) return [given];
  if (typeof given === 'number') return [given];
  if (typeof given !== 'string') throw wrongArgument(argument, 'must be a list');
  if (given.trim() === '') return [];
  if (findOption(field.allowedValues ?? [], given) !== undefined || (items === 'string' && !given.includes(',')))
    return [given];
  return given.split(',').map((part) => part.trim());
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
    const { value, warnings, whole } = converted;
    return { value, shown: asText(given, argument), warnings, whole };
  }
  switch (type) {
    case 'string':
      return asString(field, given, argument);
    case 'number':
      return asNumber(given, argument);
    case 'date': {
      const day = readDay(given, argument);
      return plain(day, day);
    }
    case 'datetime': {
      const { value, shown } = readTime(given, argument);
      return plain(value, shown);
    }
    case 'user':
      return asUser(field, given, argument, place);
    case 'group': {
      const name = asText(unwrap(given, ['name', 'groupId']), argument);
      return plain(isRecord(given) && given['name'] === undefined ? { groupId: name } : { name }, name);
    }
    case 'timetracking':
      return asTimeTracking(given, argument);
    case 'issuelink':
      return asIssue(given, argument, place, (key) => ({ key }));
    case 'option-with-child': {
      const { value, shown } = chooseCascade(field, given, argument);
      return plain(value, shown);
    }
    default: {
      if (field.allowedValues === undefined) return plain(given, shownOf(given));
      const { value, shown } = chooseOption(field, given, argument);
      return plain(value, shown);
    }
  }
}

function plain(value: unknown, shown: string): FieldValue {
  return { value, shown, warnings: [] };
}

function isCustom({ schema }: Field, kind: string): boolean {
  return schema.custom?.endsWith(`:${kind}`) === true;
}

/** Description, environment and multi-line custom fields. */
function isRichText(field: Field): boolean {
  return ['description', 'environment'].includes(field.schema.system ?? '') || isCustom(field, 'textarea');
}

function asString(field: Field, given: unknown, argument: string): FieldValue {
  const text = asText(unwrap(given, ['value', 'name']), argument);
  if (isCustom(field, 'url') && text.trim() !== '' && !URL.canParse(text.trim()))
    throw wrongArgument(argument, 'must be an address such as https://example.com/1');
  // Labels cannot contain spaces.
  const value =
    field.schema.system === 'labels' || isCustom(field, 'labels') ? text.trim().replaceAll(/\s+/g, '-') : text;
  return plain(value, value);
}

function asNumber(given: unknown, argument: string): FieldValue {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrongArgument(argument, 'must be a number');
  return plain(number, String(number));
}

async function asUser(field: Field, given: unknown, argument: string, place: FieldPlace): Promise<FieldValue> {
  const wanted = unwrap(given, ['accountId', 'id', 'name', 'emailAddress', 'key', 'displayName']);
  const text = asText(wanted, argument).trim();
  const user =
    field.schema.system === 'assignee'
      ? await findAssignee(text, argument, place.where, place.api)
      : await findUser(text, argument, place.api);
  return plain(place.api.userReference(user), user.displayName);
}

/** "2h" sets the original estimate. To set both estimates, use Jira's own object. */
function asTimeTracking(given: unknown, argument: string): FieldValue {
  const parts = isRecord(given) ? given : { originalEstimate: given };
  const allowed = ['originalEstimate', 'remainingEstimate'];
  const value: Record<string, string> = {};
  for (const [name, duration] of Object.entries(parts)) {
    if (!allowed.includes(name)) throw wrongArgument(argument, `takes ${allowed.join(' and ')}, not ${name}`);
    value[name] = readDuration(duration, isRecord(given) ? `${argument}.${name}` : argument);
  }
  const shown = Object.entries(value).map(
    ([name, duration]) => `${duration} (${name === 'originalEstimate' ? 'estimate' : 'remaining'})`,
  );
  return plain(value, shown.join(', '));
}

async function asIssue(
  given: unknown,
  argument: string,
  place: FieldPlace,
  reference: (key: string) => unknown,
): Promise<FieldValue> {
  const key = issueKeySchema.safeParse(unwrap(given, ['key', 'id']));
  if (!key.success) throw wrongArgument(argument, 'must be an issue key, such as ENG-42');
  const found = await place.requireIssue(key.data);
  return plain(reference(found), found);
}

function shownOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
