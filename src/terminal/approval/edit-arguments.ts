import * as z from 'zod';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { Arguments } from '../../agent/tools.ts';
import { printableLine } from '../text-layout.ts';

/** Resolves to the edited text. Undefined if the editor failed, which has been reported. */
export type EditText = (text: string) => Promise<string | undefined>;

export interface EditorPort {
  readonly note: (line: string) => void;
  /** @returns undefined when the input has ended. */
  readonly read: (prompt: string, initial?: string) => Promise<string | undefined>;
  readonly editText: EditText | undefined;
}

interface Field {
  readonly argument: string;
  readonly label: string;
  readonly value: unknown;
}

/** Lets a person edit one argument. Returns undefined if nothing was changed. */
export async function editArguments(request: ApprovalRequest, port: EditorPort): Promise<Arguments | undefined> {
  const fields = fieldsOf(request);
  fields.forEach(({ label, value }, index) => {
    port.note(`  ${index + 1}  ${printableLine(label)}: ${printableLine(textOf(value)).slice(0, 80)}`);
  });
  const choice = await port.read(`Which one (1 to ${fields.length})? `);
  const field = fields[Number(choice?.trim()) - 1];
  if (field === undefined) return undefined;
  const before = textOf(field.value);
  const after = await editValue(before, field, port);
  if (after === undefined || after === before) return undefined;
  const parsed = parseLike(field.value, after);
  if ('problem' in parsed) {
    port.note(`${field.label}: ${parsed.problem}`);
    return undefined;
  }
  return { ...request.arguments, [field.argument]: parsed.value };
}

/** Every argument of the tool: those of the call as they were written, then those that it leaves out. */
export function fieldsOf(request: ApprovalRequest): readonly Field[] {
  const labels = new Map(
    request.preview?.fields.flatMap(({ argument, label }) =>
      argument === undefined ? [] : [[argument, label] as const],
    ),
  );
  const given = Object.entries(request.arguments).map(([argument, value]) => ({
    argument,
    label: labels.get(argument) ?? argument,
    value: request.draft?.[argument] ?? value,
  }));
  const implied = (request.preview?.fields ?? []).flatMap(({ argument, label, value }) =>
    argument === undefined || Object.hasOwn(request.arguments, argument) ? [] : [{ argument, label, value }],
  );
  const once = implied.filter(({ argument }, at) => implied.findIndex((field) => field.argument === argument) === at);
  const shown = [...given, ...once];
  const named = new Set(shown.map(({ argument }) => argument));
  const { properties = {} } = schemaShape.catch({}).parse(request.tool.inputSchema);
  const left = Object.entries(properties).flatMap(([argument, { type }]) =>
    named.has(argument) ? [] : [{ argument, label: argument, value: empties[type] ?? '' }],
  );
  return [...shown, ...left];
}

const schemaShape = z.object({
  properties: z.record(z.string(), z.object({ type: z.string().catch('string') })).optional(),
});

const empties: Readonly<Record<string, unknown>> = { array: [], boolean: false, object: {}, number: 0, integer: 0 };

async function editValue(text: string, field: Field, port: EditorPort): Promise<string | undefined> {
  if (!text.includes('\n')) return port.read(`${printableLine(field.label)}: `, text);
  if (port.editText !== undefined) return port.editText(text);
  port.note(
    `New text for ${printableLine(field.label)}. End it with a line that contains only a period (set EDITOR to use an editor).`,
  );
  const lines: string[] = [];
  for (;;) {
    const line = await port.read('| ');
    if (line === undefined) return undefined;
    if (line === '.') return lines.join('\n');
    lines.push(line);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Text stays text. Everything else is edited as JSON and must keep its type. */
function parseLike(before: unknown, text: string): { readonly value: unknown } | { readonly problem: string } {
  if (typeof before === 'string') return { value: text };
  try {
    const value: unknown = JSON.parse(text);
    if (kindOf(value) === kindOf(before)) return { value };
    return { problem: `must remain ${kindOf(before)}` };
  } catch {
    return { problem: `must be JSON, for example ${JSON.stringify(before)}` };
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}
