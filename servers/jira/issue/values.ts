import type { Field } from '../client/response-schemas.ts';
import type { WholeText } from '../client/jira-api.ts';
import { ToolError } from '../../kit/errors.ts';
import { toFieldValue, type FieldPlace } from './field-values.ts';
import { listOptions } from './options.ts';

/** The values to set on an issue by field id, and how to show them. */
export interface IssueValues {
  readonly fields: Record<string, unknown>;
  readonly shown: { label: string; value: string; argument: string }[];
  readonly warnings: string[];
  /** Texts that did not fit into their fields. */
  readonly wholes: WholeText[];
}

export interface GivenField {
  /** The id or name of the field. */
  readonly field: string;
  readonly value: unknown;
  /** The tool argument it came from. */
  readonly argument: string;
}

/** Set by dedicated arguments or tools. In `fields` they would bypass those checks. */
const ownArguments: ReadonlyMap<string, string> = new Map([
  ['project', 'project_key'],
  ['issuetype', 'issue_type'],
  ['summary', 'summary'],
  ['description', 'description'],
  ['priority', 'priority'],
  ['labels', 'labels'],
  ['assignee', 'assignee'],
  ['issuelinks', 'link_jira_issues'],
  ['attachment', 'attach_to_jira_issue'],
  ['comment', 'add_jira_comment'],
]);

/** Fields with a dedicated argument that a transition screen may ask for. */
const onScreens: ReadonlySet<string> = new Set(['summary', 'description', 'priority', 'labels', 'assignee']);

/**
 * Entries of the `fields` argument. Rejects those with a dedicated argument or tool.
 * @param toolArguments names of the arguments that the tool has.
 * @param of what the fields belong to. A transition screen may ask for fields without an argument.
 */
export function givenFields(
  fields: Readonly<Record<string, unknown>>,
  screen: readonly Field[],
  toolArguments: readonly string[],
  of: 'issue' | 'screen' = 'issue',
): GivenField[] {
  return Object.entries(fields).map(([name, value]) => {
    const argument = `fields.${name}`;
    const { id } = findField(name, argument, screen);
    const own = ownArguments.get(id);
    if (own !== undefined && (of === 'issue' || isElsewhere(own, toolArguments) || !onScreens.has(id)))
      throw new ToolError(
        'invalid_arguments',
        isElsewhere(own, toolArguments)
          ? `'${argument}' is set with ${own}.`
          : `'${argument}' cannot be set by this tool.`,
      );
    return { field: id, value, argument };
  });
}

function isElsewhere(own: string, toolArguments: readonly string[]): boolean {
  return own.includes('_jira_') || toolArguments.includes(own);
}

/** Converts all given values. @throws ToolError for the first value that does not fit its field. */
export async function readValues(
  given: readonly GivenField[],
  screen: readonly Field[],
  place: FieldPlace,
): Promise<IssueValues> {
  const values: IssueValues = { fields: {}, shown: [], warnings: [], wholes: [] };
  for (const { field: name, value, argument } of given) {
    const field = findField(name, argument, screen);
    if (field.id in values.fields)
      throw new ToolError('invalid_arguments', `'${argument}': ${field.name} is given twice.`);
    const converted = await toFieldValue(field, value, argument, place);
    values.fields[field.id] = converted.value;
    values.shown.push({ label: field.name, value: converted.shown, argument });
    values.warnings.push(...converted.warnings);
    if (converted.whole !== undefined) values.wholes.push(converted.whole);
  }
  return values;
}

function findField(name: string, argument: string, screen: readonly Field[]): Field {
  const byId = screen.find(({ id }) => id === name);
  if (byId !== undefined) return byId;
  const wanted = name.trim().toLowerCase();
  const [only, ...others] = screen.filter((field) => field.name.toLowerCase() === wanted);
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    throw new ToolError('invalid_arguments', `'${argument}': several fields have this name.`, {
      hint: `Use the id: ${[only, ...others].map(describeField).join(' or ')}.`,
    });
  throw new ToolError('invalid_arguments', `'${argument}': there is no such field on this screen.`, {
    hint: `Fields: ${screen.map((field) => field.name).join(', ')}.`,
  });
}

/** Distinguishes fields of the same name. */
function describeField(field: Field): string {
  const options = listOptions(field);
  return `${field.id} (${options === '' ? field.schema.type : options})`;
}

/** @throws ToolError that lists every required field without a value or default, with its allowed values. */
export function requireComplete(fields: Readonly<Record<string, unknown>>, screen: readonly Field[]): void {
  const missing = screen.filter(
    ({ id, required, hasDefaultValue }) =>
      required && !hasDefaultValue && !['project', 'issuetype', 'reporter'].includes(id) && fields[id] === undefined,
  );
  if (missing.length === 0) return;
  const described = missing.map((field) => {
    const options = listOptions(field);
    return `${field.name} (${field.id}${options === '' ? `, ${field.schema.type}` : `: ${options}`})`;
  });
  throw new ToolError('invalid_arguments', `Required fields are missing: ${described.join('; ')}.`, {
    hint: "Give them in 'fields', by name.",
    details: { missing: missing.map(({ id, name }) => ({ id, name })) },
  });
}
