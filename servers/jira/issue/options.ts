import type { Field, Option } from '../client/response-schemas.ts';
import { asText, isRecord, unwrap, wrongArgument } from './wrong-argument.ts';

/** The maximum number of allowed values in a message. */
const maxListed = 40;

interface Chosen {
  readonly value: unknown;
  readonly shown: string;
}

/** One of the allowed values, by name, value or id. @throws ToolError that lists them. */
export function chooseOption(field: Field, given: unknown, argument: string): Chosen {
  const option = findOption(field.allowedValues ?? [], given);
  if (option !== undefined) return { value: referenceTo(option), shown: nameOf(option) };
  throw wrongArgument(argument, `must be one of: ${listOptions(field)}`, { allowed: field.allowedValues?.map(nameOf) });
}

/**
 * An option of a cascading select: "Europe > Berlin", ["Europe", "Berlin"], {"value": "Europe", "child": {"value":
 * "Berlin"}}, or only the parent. Names may contain the separator.
 */
export function chooseCascade(field: Field, given: unknown, argument: string): Chosen {
  const options = field.allowedValues ?? [];
  const { parent, child } = findCascade(options, given, argument);
  if (parent === undefined) throw wrongArgument(argument, `must be one of: ${listOptions(field)}`);
  if (child === undefined) return { value: referenceTo(parent), shown: nameOf(parent) };
  const found = findOption(parent.children ?? [], child);
  if (found !== undefined)
    return {
      value: { ...referenceTo(parent), child: referenceTo(found) },
      shown: `${nameOf(parent)} > ${nameOf(found)}`,
    };
  const children = (parent.children ?? []).map(nameOf).join(', ');
  throw wrongArgument(
    argument,
    children === ''
      ? `has no child options for ${nameOf(parent)}`
      : `for ${nameOf(parent)} must be one of: ${children}`,
  );
}

function findCascade(
  options: readonly Option[],
  given: unknown,
  argument: string,
): { parent: Option | undefined; child?: unknown } {
  if (Array.isArray(given)) {
    const [first, child, ...rest] = given.flatMap((item: unknown) => (item === null ? [] : [item]));
    if (rest.length > 0) throw wrongArgument(argument, 'must be an option and one of its child options');
    return { parent: findOption(options, first), child };
  }
  if (isRecord(given)) {
    const { child, ...parent } = given;
    return { parent: findOption(options, parent), ...(child !== undefined && child !== null && { child }) };
  }
  const text = asText(given, argument).trim();
  const whole = findOption(options, text);
  if (whole !== undefined) return { parent: whole };
  for (const { index, 0: sign } of text.matchAll(/(?<!\s)\s*(?:>|→|\/|:| - )\s*/g)) {
    const parent = findOption(options, text.slice(0, index));
    if (parent !== undefined) return { parent, child: text.slice(index + sign.length) };
  }
  return { parent: undefined };
}

export function findOption(options: readonly Option[], given: unknown): Option | undefined {
  const wanted = unwrap(given, ['id', 'value', 'name', 'key']);
  if (typeof wanted !== 'string' && typeof wanted !== 'number') return undefined;
  const text = String(wanted).trim();
  const byId = options.find(({ id }) => id === text);
  if (isRecord(given) && given['id'] !== undefined) return byId;
  const same = (name: string | undefined) => name?.trim().toLowerCase() === text.toLowerCase();
  return (
    options.find(({ name, value }) => value === text || name === text) ??
    options.find(({ name, value }) => same(value) || same(name)) ??
    byId
  );
}

function referenceTo({ id, name, value }: Option): Record<string, unknown> {
  if (id !== undefined) return { id };
  return value === undefined ? { name } : { value };
}

function nameOf({ id, name, value }: Option): string {
  return value ?? name ?? id ?? '';
}

/** The allowed values of a field as text, with child values after their parents; empty if it accepts anything. */
export function listOptions(field: Field): string {
  const names = (field.allowedValues ?? []).flatMap((option) => {
    const children = option.children ?? [];
    return children.length === 0 ? [nameOf(option)] : children.map((child) => `${nameOf(option)} > ${nameOf(child)}`);
  });
  const more = names.length > maxListed ? `, and ${names.length - maxListed} more` : '';
  return names.slice(0, maxListed).join(', ') + more;
}
