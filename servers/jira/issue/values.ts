import type { Field } from '../client/response-schemas.ts';
import type { WholeText } from '../client/jira-api.ts';
import { ToolError } from '../../kit/errors.ts';
import { toFieldValue, type FieldPlace } from './field-values.ts';
import { listOptions } from './options.ts';

/** What is to be set on an issue, by field id, and how to show it. */
export interface IssueValues {
  readonly fields: Record<string, unknown>;
  readonly shown: { label: string; value: string; argument: string }[];
  readonly warnings: string[];
  /** Texts that had no room in their fields. */
  readonly wholes: WholeText[];
}

export interface GivenField {
  /** Id or name of the field. */
  readonly field: string;
  readonly value: unknown;
  /** The tool's argument that it came from. */
  readonly argument: string;
}

/** Set by arguments or tools of their own: in `fields` they would get past the checks of those. */
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

/** Fields with an argument elsewhere that the screen of a transition may ask for. */
const onScreens: ReadonlySet<string> = new Set(['summary', 'description', 'priority', 'labels', 'assignee']);

/**
 * Entries of the `fields` argument, after refusing those that have an argument or a tool of their own.
 * @param toolArguments names of the arguments that the tool has.
 * @param of what the fields belong to: the screen of a transition may ask for what the tool has no argument for.
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

/** Converts all given values. @throws ToolError for the first that does not fit its field. */
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

/** Enough to tell two fields of one name apart. */
function describeField(field: Field): string {
  const options = listOptions(field);
  return `${field.id} (${options === '' ? field.schema.type : options})`;
}

/** @throws ToolError naming every required field that has no value and no default, with what it may be. */
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
  throw new ToolError('invalid_arguments', `Required and missing: ${described.join('; ')}.`, {
    hint: "Give them in 'fields', by name.",
    details: { missing: missing.map(({ id, name }) => ({ id, name })) },
  });
}
