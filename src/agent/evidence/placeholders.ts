import { tableSchema, type EvidenceStore } from './store.ts';
import type { Column, Evidence } from './types.ts';
import { renderCsv } from './csv.ts';
import { renderTable, renderValue, type Setting } from './render.ts';
import { ownAddresses } from '../policy/link-hosts.ts';
import { factsOfWrite } from '../../../servers/contract/tool-facts.ts';
import type { Arguments } from '../tools.ts';

export type Expansion =
  | { readonly kind: 'expanded'; readonly arguments: Arguments; readonly used: readonly UsedEvidence[] }
  /** An invalid reference. The message says what exists. */
  | { readonly kind: 'unknown'; readonly message: string };

export interface UsedEvidence {
  readonly id: string;
  readonly placeholder: string;
  /** The top-level argument that contains it. */
  readonly argument: string;
}

class UnknownReference extends Error {}

// Bounded: references are short, and a text may contain any number of spaces.
const placeholder = /\{\{ {0,4}(E\d[^{}]{0,300})\}\}/g;
const mostReferences = 200;
const defaultRows = 20;
const mostRows = 100;

/**
 * Replaces `{{E1}}`, `{{E1[3]}}`, `{{E1.row_count}}`, `{{E1[0].failed_count}}`, `{{E2.issue_key}}`,
 * `{{E1 columns=a,b rows=5}}` and `{{E1 as=csv}}` in every string of the arguments with evidence. Expands once: cell
 * contents are never expanded. Other double braces are text.
 * @param tool plain name; it decides which arguments are Markdown. Arguments of unknown tools are plain text.
 */
export function expandPlaceholders(input: Arguments, store: EvidenceStore, tool?: string): Expansion {
  const facts = tool === undefined ? undefined : factsOfWrite(tool);
  const used: UsedEvidence[] = [];
  const expandIn = (argument: string, value: unknown): unknown => {
    if (typeof value === 'string') {
      const kind = kindOf(argument, facts);
      return value.replaceAll(placeholder, (whole, inner: string, offset: number) => {
        const body = inner.trim();
        if (used.length >= mostReferences)
          throw new UnknownReference(`The arguments contain more than ${mostReferences} references.`);
        used.push({ id: /^E\d+/.exec(body)?.[0] ?? body, placeholder: whole, argument });
        return expandOne(body, { store, kind, argument, text: value, offset, length: whole.length });
      });
    }
    if (Array.isArray(value)) return value.map((item) => expandIn(argument, item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expandIn(argument, inner)]));
  };
  try {
    const expanded = Object.entries(input).map(([name, value]) => [name, expandIn(name, value)] as const);
    return { kind: 'expanded', arguments: Object.fromEntries(expanded), used };
  } catch (error) {
    if (error instanceof UnknownReference) return { kind: 'unknown', message: error.message };
    if (error instanceof Error && error.name === 'EvidenceLostError')
      return { kind: 'unknown', message: error.message };
    throw error;
  }
}

/**
 * Expands arguments that a person edited after expansion. Text they typed may refer to evidence. An argument whose data
 * already contained double braces stays as it is, so that data never becomes a reference.
 */
export function expandRevision(before: Arguments, revised: Arguments, store: EvidenceStore, tool: string): Expansion {
  const [typed, kept] = [new Map<string, unknown>(), new Map<string, unknown>()];
  for (const [name, value] of Object.entries(revised))
    (JSON.stringify(before[name] ?? '').includes('{{') ? kept : typed).set(name, value);
  const expansion = expandPlaceholders(Object.fromEntries(typed), store, tool);
  if (expansion.kind === 'unknown') return expansion;
  return { ...expansion, arguments: { ...expansion.arguments, ...Object.fromEntries(kept) } };
}

type ArgumentKind = 'markdown' | 'line' | 'free';

function kindOf(argument: string, facts: ReturnType<typeof factsOfWrite>): ArgumentKind {
  if (facts === undefined || facts.file.includes(argument)) return 'free';
  return facts.markdown.includes(argument) ? 'markdown' : 'line';
}

interface Place {
  readonly store: EvidenceStore;
  readonly kind: ArgumentKind;
  readonly argument: string;
  readonly text: string;
  readonly offset: number;
  readonly length: number;
}

function expandOne(body: string, place: Place): string {
  const reference = parseReference(body);
  const evidence = place.store.get(reference.id);
  if (evidence === undefined) {
    const ids = place.store.list().map((item) => `${item.id} (${item.tool})`);
    throw new UnknownReference(
      `{{${body}}}: ${reference.id} does not exist. ${ids.length === 0 ? 'There is no evidence yet.' : `Evidence so far: ${ids.join(', ')}.`}`,
    );
  }
  const target = resolve(evidence, reference);
  const setting = settingOf(place);
  if (target.kind === 'value') return renderPlaced(target.value, evidence, setting, place);
  if (reference.options.as === 'csv') return renderCsv(target.columns, target.rows);
  if (place.kind === 'line' || setting === 'code')
    throw new UnknownReference(
      `{{${body}}} is a table, but ${place.kind === 'line' ? `${place.argument} is a single line` : 'it is inside code'}. Name one value: ${examples(evidence)}.`,
    );
  const table = renderTable(target.columns, target.rows, {
    total: target.total,
    truncated: target.whole && evidence.truncated,
  });
  return onItsOwn(table, place);
}

/** Only the model makes links, and the policy checks where they lead. Addresses written by our systems become links. */
function renderPlaced(value: unknown, evidence: Evidence, setting: Setting, { text, offset }: Place): string {
  const before = text.slice(0, offset);
  const isAddress = /\]\(<?$|<$/.test(before) || ownAddresses(evidence).some((own) => own === value);
  return renderValue(value, setting === 'markdown' && isAddress ? 'address' : setting, fenceAfter(before));
}

/** A fence that closes properly even after an unclosed backtick. */
function fenceAfter(before: string): string {
  const left = before.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  const runs = left.match(/`+/g) ?? [];
  return '`'.repeat(1 + Math.max(0, ...runs.map((run) => run.length)));
}

/** Surrounds a Markdown table with the blank lines it needs. */
function onItsOwn(table: string, place: Place): string {
  const before = place.text.slice(0, place.offset);
  const after = place.text.slice(place.offset + place.length);
  const lead = before === '' || /\n\s*\n$/.test(before) ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const trail = after === '' || /^\s*\n\s*\n/.test(after) ? '' : /^\s*\n/.test(after) ? '\n' : '\n\n';
  return lead + table + trail;
}

function settingOf({ kind, text, offset, length }: Place): Setting {
  if (kind !== 'markdown') return 'plain';
  const before = text.slice(0, offset);
  const fences = before.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return 'code';
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const ticks = line.match(/`/g)?.length ?? 0;
  return ticks % 2 === 1 && text.slice(offset + length).includes('`') ? 'code' : 'markdown';
}

interface Reference {
  readonly id: string;
  readonly path: readonly (string | number)[];
  readonly options: { columns?: readonly string[]; rows?: number; as?: string };
  readonly body: string;
}

const step = /^(?:\.([A-Za-z_][\w$-]*|\d+)|\[(\d+)\]|\["([^"\]]+)"\])/;

function parseReference(body: string): Reference {
  const wrong = (why: string): UnknownReference =>
    new UnknownReference(
      `{{${body}}}: ${why}. Write {{E1}}, {{E1[0]}}, {{E1[0].column}}, {{E1.row_count}} or {{E1 columns=a,b rows=5}}.`,
    );
  const id = /^E\d+/.exec(body)?.[0] ?? '';
  let rest = body.slice(id.length);
  const path: (string | number)[] = [];
  for (let found = step.exec(rest); found !== null; found = step.exec(rest)) {
    path.push(found[2] === undefined ? (found[1] ?? found[3] ?? '') : Number(found[2]));
    rest = rest.slice(found[0].length);
  }
  if (rest !== '' && !/^\s/.test(rest)) throw wrong(`'${rest}' is not valid`);
  const options: { columns?: readonly string[]; rows?: number; as?: string } = {};
  for (const option of rest.split(/\s+/).filter((word) => word !== '')) {
    const [name, value = ''] = option.split('=', 2);
    if (name === 'columns') options.columns = value.split(',');
    else if (name === 'rows' && /^[1-9]\d{0,5}$/.test(value)) options.rows = Math.min(Number(value), mostRows);
    else if (name === 'as' && (value === 'csv' || value === 'table')) options.as = value;
    else throw wrong(`'${option}' is not valid`);
  }
  return { id, path, options, body };
}

type Target =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly unknown[])[];
      readonly total: number;
      readonly whole: boolean;
    };

function resolve(evidence: Evidence, reference: Reference): Target {
  return evidence.columns.length > 0 ? resolveInTable(evidence, reference) : resolveInValue(evidence, reference);
}

function resolveInTable(evidence: Evidence, reference: Reference): Target {
  const { path, options } = reference;
  const [first, second, ...deeper] = path;
  const { rows } = evidence;
  if (first === 'row_count' && second === undefined) return { kind: 'value', value: evidence.rowCount };
  if (typeof first === 'number' || first === undefined) {
    if (typeof first === 'number' && rows[first] === undefined) throw noRow(evidence, reference, first);
    if (second !== undefined) return valueIn(rows[first ?? 0] ?? [], evidence, reference, [second, ...deeper]);
    const chosen = pickColumns(evidence, reference, options.columns);
    const limit = options.rows ?? (options.as === 'csv' ? rows.length : defaultRows);
    const range = typeof first === 'number' ? rows.slice(first, first + 1) : rows.slice(0, limit);
    return {
      kind: 'table',
      columns: chosen.map(({ column }) => column),
      rows: range.map((row) => chosen.map(({ index }) => row[index])),
      total: typeof first === 'number' ? range.length : rows.length,
      whole: first === undefined,
    };
  }
  const only = rows[0];
  // Check the column first, so that a wrong name gets its own message.
  pickColumns(evidence, reference, [first]);
  if (only === undefined || rows.length > 1)
    throw new UnknownReference(
      `{{${reference.body}}}: ${evidence.id} has ${rows.length} rows. ${rows.length === 0 ? 'There is no value to insert' : `Name one: {{${evidence.id}[0].${first}}}`}.`,
    );
  return valueIn(only, evidence, reference, path);
}

function valueIn(
  row: readonly unknown[],
  evidence: Evidence,
  reference: Reference,
  path: readonly (string | number)[],
): Target {
  const [name, ...deeper] = path;
  const [chosen] = pickColumns(evidence, reference, [String(name)]);
  return { kind: 'value', value: walk(row[chosen?.index ?? 0], deeper, reference) };
}

function pickColumns(evidence: Evidence, reference: Reference, names: readonly string[] | undefined) {
  const all = evidence.columns.map((column, index) => ({ column, index }));
  if (names === undefined) return all;
  return names.map((name) => {
    const found = all.find(({ column }) => column.name === name);
    if (found !== undefined) return found;
    const known = all.map(({ column }) => column.name).join(', ');
    throw new UnknownReference(
      `{{${reference.body}}}: ${evidence.id} has no column '${name}'. Its columns are ${known}.`,
    );
  });
}

function noRow(evidence: Evidence, reference: Reference, row: number): UnknownReference {
  const range = evidence.rowCount === 0 ? 'has no rows' : `has rows 0 to ${evidence.rowCount - 1}`;
  return new UnknownReference(`{{${reference.body}}}: row ${row} does not exist; ${evidence.id} ${range}.`);
}

function resolveInValue(evidence: Evidence, reference: Reference): Target {
  const found = walk(evidence.value, reference.path, reference);
  if (found === null || typeof found !== 'object') return { kind: 'value', value: found };
  const table = tableSchema.safeParse(found).data;
  if (table !== undefined) return resolveTable(table, reference);
  const entries = Object.entries(found);
  return {
    kind: 'table',
    columns: [
      { name: Array.isArray(found) ? 'n' : 'key', type: 'text' },
      { name: 'value', type: 'json' },
    ],
    rows: entries.slice(0, reference.options.rows ?? (reference.options.as === 'csv' ? entries.length : defaultRows)),
    total: entries.length,
    whole: true,
  };
}

/** A table inside a result: `{{E1.sections.blocked}}`. */
function resolveTable({ columns, rows }: Pick<Evidence, 'columns' | 'rows'>, { options }: Reference): Target {
  const limit = options.rows ?? (options.as === 'csv' ? rows.length : defaultRows);
  return { kind: 'table', columns, rows: rows.slice(0, limit), total: rows.length, whole: true };
}

function walk(start: unknown, path: readonly (string | number)[], reference: Reference): unknown {
  let current = start;
  for (const key of path) {
    const known = current !== null && typeof current === 'object' ? Object.keys(current) : [];
    if (current === null || typeof current !== 'object' || !Object.hasOwn(current, key)) {
      const exists = known.length === 0 ? 'it has no members' : `known keys: ${known.slice(0, 20).join(', ')}`;
      throw new UnknownReference(`{{${reference.body}}}: '${key}' does not exist; ${exists}.`);
    }
    current = new Map<string, unknown>(Object.entries(current)).get(String(key));
  }
  return current;
}

function examples(evidence: Evidence): string {
  const name = evidence.columns[0]?.name;
  if (name !== undefined) return `{{${evidence.id}[0].${name}}} or {{${evidence.id}.row_count}}`;
  const key = Object.keys(evidence.value)[0] ?? 'key';
  return `{{${evidence.id}.${key}}}`;
}
