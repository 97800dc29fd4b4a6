import { adfFaults, isObject, adfText } from './adf-schema.ts';
import { sprints } from './seed.ts';
import { Refusal, type FieldRule, type Project, type User } from './model.ts';

/** Jira counts a description or comment in the characters of its text; on Data Center, of its markup. */
export const longestText = 32_767;
const longestSummary = 255;

export interface FieldContext {
  readonly richText: 'adf' | 'wiki';
  readonly users: readonly User[];
  readonly parentExists: (key: string) => boolean;
}

/** The fields of a create screen for one issue type. */
export function screenOf(project: Project, issueType: string): readonly FieldRule[] {
  return project.screen[issueType] ?? project.screen['*'] ?? [];
}

/**
 * Checks field values against a screen and converts them to the form in which the API returns them.
 * @throws Refusal 400 with the errors of all fields, as Jira reports them.
 */
export function readFields(
  given: Readonly<Record<string, unknown>>,
  screen: readonly FieldRule[],
  context: FieldContext,
  partial: boolean,
): Record<string, unknown> {
  const errors: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(given)) {
    const rule = screen.find((field) => field.fieldId === id);
    if (id === 'project' || id === 'issuetype') continue;
    if (rule === undefined) {
      errors[id] = `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`;
      continue;
    }
    try {
      values[id] = readValue(rule, value, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.messages.length > 0) throw error;
      errors[id] = Object.values(error.errors)[0] ?? 'invalid';
    }
  }
  for (const rule of screen) {
    const isGiven = given[rule.fieldId] !== undefined && given[rule.fieldId] !== null && given[rule.fieldId] !== '';
    const missing = partial ? rule.fieldId in given && !isGiven : !isGiven;
    if (!rule.required || rule.hasDefaultValue === true || !missing) continue;
    errors[rule.fieldId] ??=
      rule.fieldId === 'summary' ? 'You must specify a summary of the issue.' : `${rule.name} is required.`;
  }
  if (Object.keys(errors).length > 0) throw new Refusal(400, [], errors);
  return values;
}

function wrong(rule: FieldRule, message: string): Refusal {
  return new Refusal(400, [], { [rule.fieldId]: message });
}

function readValue(rule: FieldRule, value: unknown, context: FieldContext): unknown {
  if (value === null) return null;
  if (isRichText(rule)) return readRichText(rule, value, context);
  switch (rule.schema.type) {
    case 'string':
      return readLine(rule, value);
    case 'number':
      if (typeof value !== 'number') throw wrong(rule, 'Operation value must be a number');
      return value;
    case 'date':
      if (typeof value !== 'string' || !isDay(value))
        throw wrong(rule, "Error parsing date string: must be in format 'yyyy-MM-dd'");
      return value;
    case 'datetime':
      if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(value))
        throw wrong(rule, "Error parsing time: must be in format 'yyyy-MM-dd'T'HH:mm:ss.SSSZ'");
      return value;
    case 'user':
      return readUser(rule, value, context);
    case 'group':
      if (!isObject(value) || value['name'] !== 'devs') throw wrong(rule, 'The group does not exist.');
      return { name: value['name'] };
    case 'timetracking':
      return readTimeTracking(rule, value);
    case 'option-with-child':
      return pickBelow(rule, value);
    case 'any':
      if (typeof value !== 'string' || !context.parentExists(value))
        throw wrong(rule, 'Could not find issue by id or key.');
      return value;
    case 'array':
      if (rule.schema.items === 'json') return readSprint(rule, value);
      if (!Array.isArray(value)) throw wrong(rule, 'data was not an array');
      return value.map((item) => readItem(rule, item, context));
    case 'issuelink':
      if (!isObject(value) || typeof value['key'] !== 'string' || !context.parentExists(value['key']))
        throw wrong(rule, 'Could not find issue by id or key.');
      return { key: value['key'] };
    default:
      return pick(rule, value);
  }
}

function readItem(rule: FieldRule, item: unknown, context: FieldContext): unknown {
  if (rule.schema.items === 'string') return readLabel(rule, item);
  return rule.schema.items === 'user' ? readUser(rule, item, context) : pick(rule, item);
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function readTimeTracking(rule: FieldRule, value: unknown): unknown {
  if (!isObject(value)) throw wrong(rule, 'data was not an object');
  for (const [name, duration] of Object.entries(value))
    if (!/^(?:original|remaining)Estimate$/.test(name) || !/^(?:\d+[wdhm] ?)+$/.test(String(duration)))
      throw wrong(rule, 'Invalid time duration entered.');
  return value;
}

/** Accepts only the number of a sprint. */
function readSprint(rule: FieldRule, value: unknown): unknown {
  const found = sprints.find(({ id }) => id === value);
  if (found === undefined) throw wrong(rule, 'Number value expected as the Sprint id.');
  return [found];
}

/** Jira accepts a child option only by its own id or value, inside its parent's. */
function pickBelow(rule: FieldRule, value: unknown): unknown {
  const { children, ...parent } = pick(rule, value);
  const child = isObject(value) ? value['child'] : undefined;
  if (child === undefined) return parent;
  const below = Array.isArray(children) ? children.filter(isObject) : [];
  return { ...parent, child: pick({ ...rule, allowedValues: below }, child) };
}

function isRichText(rule: FieldRule): boolean {
  return (
    rule.schema.system === 'description' ||
    rule.schema.system === 'environment' ||
    rule.schema.custom?.endsWith(':textarea') === true
  );
}

function readRichText(rule: FieldRule, value: unknown, context: FieldContext): unknown {
  if (context.richText === 'wiki') {
    if (typeof value !== 'string') throw wrong(rule, 'Operation value must be a string');
    if (value.length > longestText)
      throw wrong(rule, 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.');
    return value;
  }
  checkAdf(value, `${rule.name}: Operation value must be an Atlassian Document (see the Atlassian Document Format)`);
  return value;
}

/** @throws Refusal as Jira Cloud rejects an invalid or oversized document */
export function checkAdf(value: unknown, notADocument: string): void {
  if (!isObject(value)) throw new Refusal(400, [], { description: notADocument });
  if (adfText(value).length > longestText) throw new Refusal(400, ['CONTENT_LIMIT_EXCEEDED']);
  const faults = adfFaults(value);
  if (faults.length > 0) throw new Refusal(400, ['INVALID_INPUT', ...faults]);
}

function readLine(rule: FieldRule, value: unknown): string {
  if (typeof value !== 'string') throw wrong(rule, 'Operation value must be a string');
  if (rule.fieldId === 'summary') {
    if (value.trim() === '') throw wrong(rule, 'You must specify a summary of the issue.');
    if (/[\r\n]/.test(value)) throw wrong(rule, 'The summary is invalid because it contains newline characters.');
  }
  if (value.length > longestSummary) throw wrong(rule, `${rule.name} can't exceed 255 characters.`);
  return value;
}

function readLabel(rule: FieldRule, value: unknown): string {
  if (typeof value !== 'string') throw wrong(rule, 'string expected at index 0');
  if (/\s/.test(value)) throw wrong(rule, `The label '${value}' contains spaces which is invalid.`);
  if (value.length > longestSummary) throw wrong(rule, `The label '${value}' exceeds 255 characters.`);
  return value;
}

function readUser(rule: FieldRule, value: unknown, context: FieldContext): unknown {
  const wanted = isObject(value) ? (context.richText === 'adf' ? value['accountId'] : value['name']) : undefined;
  const user = context.users.find((user) => (context.richText === 'adf' ? user.accountId : user.name) === wanted);
  if (user === undefined || !user.active) throw wrong(rule, `User '${String(wanted)}' cannot be assigned issues.`);
  return user;
}

function pick(rule: FieldRule, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw wrong(rule, 'data was not an object');
  const found = rule.allowedValues?.find((allowed) =>
    (['id', 'name', 'value'] as const).some((key) => value[key] !== undefined && allowed[key] === value[key]),
  );
  if (found !== undefined) return found;
  const shown = String(value['id'] ?? value['value'] ?? value['name']);
  throw wrong(
    rule,
    rule.schema.type === 'priority'
      ? 'The priority selected is invalid.'
      : `Option id '${shown}' is not valid for field '${rule.name}'`,
  );
}
