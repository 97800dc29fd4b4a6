import * as z from 'zod';
import type { FieldValue, FormField, ServerQuestion } from './server-question.ts';
import { showInvisible } from './untrusted-text.ts';

const shown = (longest: number) => z.string().transform((text) => showInvisible(text.slice(0, longest)));
const optionSchema = z.object({ const: z.string(), title: z.string() });
const fieldSchema = z.looseObject({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array']).default('string'),
  title: shown(200).optional(),
  description: shown(1000).default(''),
  format: z.enum(['email', 'uri', 'date', 'date-time']).optional().catch(undefined),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  enum: z.array(z.string()).optional(),
  enumNames: z.array(z.string()).optional(),
  oneOf: z.array(optionSchema).optional(),
  items: z.object({ enum: z.array(z.string()).optional(), anyOf: z.array(optionSchema).optional() }).optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
});

const formSchema = z.object({
  mode: z.literal('form').optional(),
  message: shown(4000),
  requestedSchema: z.object({
    properties: z.record(z.string().max(100), fieldSchema),
    required: z.array(z.string()).default([]),
  }),
});
const urlSchema = z.object({ mode: z.literal('url'), message: shown(4000), url: z.url().max(4000) });

const mostFields = 50;

/** @returns undefined for what no person can be asked safely: no such form, or an address that is not secure. */
export function readServerQuestion(server: string, params: unknown): ServerQuestion | undefined {
  const url = urlSchema.safeParse(params);
  if (url.success) {
    const address = new URL(url.data.url);
    const { message } = url.data;
    return isSecure(address) ? { kind: 'url', server, message, url: address.href, host: address.host } : undefined;
  }
  const form = formSchema.safeParse(params);
  if (!form.success) return undefined;
  const { message, requestedSchema } = form.data;
  const properties = Object.entries(requestedSchema.properties);
  if (properties.length > mostFields) return undefined;
  const fields = properties.map(([name, field]) => fieldOf(name, field, requestedSchema.required.includes(name)));
  return { kind: 'form', server, message, fields };
}

function isSecure({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname));
}

function fieldOf(name: string, field: z.infer<typeof fieldSchema>, required: boolean): FormField {
  const options = optionsOf(field);
  const kind = kindOf(field.type, options.length > 0);
  return {
    name,
    title: field.title ?? showInvisible(name),
    description: field.description,
    required,
    kind,
    format: field.format,
    minimum: field.minimum ?? field.minLength ?? field.minItems,
    maximum: field.maximum ?? field.maxLength ?? field.maxItems,
    options,
    initial: showInvisible(initialOf(field.default)),
  };
}

function kindOf(type: z.infer<typeof fieldSchema>['type'], hasOptions: boolean): FormField['kind'] {
  if (type === 'array') return 'choices';
  if (type !== 'string') return type;
  return hasOptions ? 'choice' : 'text';
}

function initialOf(value: z.infer<typeof fieldSchema>['default']): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function optionsOf({ enum: values, enumNames, oneOf, items }: z.infer<typeof fieldSchema>): FormField['options'] {
  const titled = oneOf ?? items?.anyOf;
  if (titled !== undefined) return titled.map((each) => ({ value: each.const, label: showInvisible(each.title) }));
  return (values ?? items?.enum ?? []).map((value, index) => ({
    value,
    label: showInvisible(enumNames?.[index] ?? value),
  }));
}

export type ReadField =
  | { readonly kind: 'value'; readonly value: FieldValue }
  | { readonly kind: 'absent' }
  | { readonly kind: 'wrong'; readonly message: string };

/** What a person typed for one field, or chose from its options, as the server wants it. */
export function readField(field: FormField, typed: string | readonly string[]): ReadField {
  if (typeof typed !== 'string') {
    if (typed.length === 0) return readField(field, '');
    return field.kind === 'choices' ? readChoices(field, typed) : wrong('Give one answer.');
  }
  const text = typed.trim();
  if (text === '') return field.required ? wrong('This field is required.') : { kind: 'absent' };
  switch (field.kind) {
    case 'text':
      return readText(field, text);
    case 'number':
    case 'integer':
      return readNumber(field, text);
    case 'boolean':
      if (/^(?:y|yes|true)$/i.test(text)) return { kind: 'value', value: true };
      return /^(?:n|no|false)$/i.test(text) ? { kind: 'value', value: false } : wrong('Answer yes or no.');
    case 'choice': {
      const value = optionOf(field, text);
      return value === undefined ? wrong(`Choose one of: ${labelsOf(field)}.`) : { kind: 'value', value };
    }
    case 'choices':
      return readChoices(field, text.split(','));
  }
}

/** Every field of a form. @returns the first field that is wrong, in words. */
export function readForm(
  fields: readonly FormField[],
  typed: Readonly<Record<string, string | readonly string[] | undefined>>,
): { readonly content: Readonly<Record<string, FieldValue>> } | { readonly wrong: string } {
  const content: Record<string, FieldValue> = {};
  for (const field of fields) {
    const read = readField(field, typed[field.name] ?? '');
    if (read.kind === 'wrong') return { wrong: `${field.title}: ${read.message}` };
    if (read.kind === 'value') content[field.name] = read.value;
  }
  return { content };
}

const formats = {
  email: { schema: z.email(), name: 'an e-mail address' },
  uri: { schema: z.url(), name: 'an address, such as https://example.com' },
  date: { schema: z.iso.date(), name: 'a date, such as 2026-01-31' },
  'date-time': { schema: z.iso.datetime({ offset: true }), name: 'a time, such as 2026-01-31T09:00:00Z' },
} as const;

function readText({ format, minimum = 0, maximum = Infinity }: FormField, text: string): ReadField {
  if (format !== undefined && !formats[format].schema.safeParse(text).success)
    return wrong(`Enter ${formats[format].name}.`);
  if (text.length < minimum) return wrong(`Enter at least ${minimum} characters.`);
  return text.length > maximum ? wrong(`Enter at most ${maximum} characters.`) : { kind: 'value', value: text };
}

function readNumber({ kind, minimum = -Infinity, maximum = Infinity }: FormField, text: string): ReadField {
  const value = Number(text);
  if (!Number.isFinite(value)) return wrong('Enter a number.');
  if (kind === 'integer' && !Number.isInteger(value)) return wrong('Enter a whole number.');
  if (value < minimum) return wrong(`Enter at least ${minimum}.`);
  return value > maximum ? wrong(`Enter at most ${maximum}.`) : { kind: 'value', value };
}

function readChoices(field: FormField, parts: readonly string[]): ReadField {
  const { minimum = 0, maximum = Infinity } = field;
  const values: string[] = [];
  for (const part of parts.map((each) => each.trim())) {
    if (part === '') continue;
    const value = optionOf(field, part);
    if (value === undefined) return wrong(`'${part}' is not one of: ${labelsOf(field)}.`);
    if (!values.includes(value)) values.push(value);
  }
  if (values.length < minimum) return wrong(`Choose at least ${minimum}, separated by commas.`);
  return values.length > maximum ? wrong(`Choose at most ${maximum}.`) : { kind: 'value', value: values };
}

function optionOf({ options }: FormField, text: string): string | undefined {
  const same = (a: string): boolean => a.toLowerCase() === text.toLowerCase();
  return (options.find(({ value }) => value === text) ?? options.find(({ label, value }) => same(label) || same(value)))
    ?.value;
}

function labelsOf({ options }: FormField): string {
  return options.map(({ label }) => label).join(', ');
}

function wrong(message: string): ReadField {
  return { kind: 'wrong', message };
}

/** What would be right, in a few words: `one of: a, b`. Empty where anything is. */
export function describeField(field: FormField): string {
  const { kind, format, required } = field;
  const what = {
    text: format === undefined ? '' : formats[format].name,
    number: 'a number',
    integer: 'a whole number',
    boolean: 'yes or no',
    choice: `one of: ${labelsOf(field)}`,
    choices: `any of: ${labelsOf(field)} (separated by commas)`,
  }[kind];
  return [what, required ? 'required' : ''].filter((part) => part !== '').join(', ');
}
