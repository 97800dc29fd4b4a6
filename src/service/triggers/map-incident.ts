import { sha256Hex } from '../../../servers/contract/sha256.ts';
import { findInvisible } from '../../agent/untrusted-text.ts';
import { valueAt, type Incident } from './incident.ts';
import type { TriggeredRun } from './triggers-file.ts';

/** A run that an incident starts. */
export interface MappedRun {
  readonly runbook: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Parameters whose values came with the incident. */
  readonly fromOthers: readonly string[];
  /** Of the incident: two mappings of the same one are the same occasion. */
  readonly occasion: string;
  /** As in the incident, unless the trigger says what is the same for the same one. */
  readonly parts?: readonly string[];
}

export type Mapped =
  | { readonly kind: 'run'; readonly run: MappedRun }
  | { readonly kind: 'other' }
  | { readonly kind: 'problem'; readonly message: string };

const maxLength = 500;

/** What `run` of the trigger makes of the incident. */
export function mapIncident(trigger: string, run: TriggeredRun, { key, parts, fields }: Incident): Mapped {
  if (!Object.entries(run.when).every(([path, wanted]) => isOneOf(valueAt(fields, path), wanted)))
    return { kind: 'other' };
  const parameters: Record<string, string | number | boolean> = {};
  const fromOthers: string[] = [];
  for (const [name, given] of Object.entries(run.parameters)) {
    const filled = fill(given, fields);
    if (filled.kind === 'problem') return { kind: 'problem', message: `parameters.${name}: ${filled.message}` };
    parameters[name] = filled.value;
    if (filled.value !== given) fromOthers.push(name);
  }
  const incident: Filled = run.incident === undefined ? { kind: 'filled', value: key } : fill(run.incident, fields);
  if (incident.kind === 'problem') return { kind: 'problem', message: `incident: ${incident.message}` };
  const occasion = `${trigger}/${run.runbook}/${nameOf(String(incident.value))}`;
  const isWhole = parts === undefined || run.incident !== undefined;
  const mapped = { runbook: run.runbook, parameters, fromOthers, occasion, ...(!isWhole && { parts }) };
  return { kind: 'run', run: mapped };
}

function isOneOf(value: ReturnType<typeof valueAt>, wanted: TriggeredRun['when'][string]): boolean {
  if (value === undefined) return false;
  return (Array.isArray(wanted) ? wanted : [wanted]).some((each) => String(each) === String(value));
}

/** Readable where it is short and plain. */
function nameOf(incident: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?$/u.test(incident) ? incident : sha256Hex(incident);
}

type Filled =
  | { readonly kind: 'filled'; readonly value: string | number | boolean }
  | { readonly kind: 'problem'; readonly message: string };

/** `{{labels.service}}` alone keeps the type of the field. */
function fill(given: string | number | boolean, fields: Incident['fields']): Filled {
  if (typeof given !== 'string') return { kind: 'filled', value: given };
  const whole = /^\{\{\s*(?<path>[^{}\s]+)\s*\}\}$/u.exec(given)?.groups?.['path'];
  const missing: string[] = [];
  const text = given.replaceAll(/\{\{\s*([^{}\s]+)\s*\}\}/gu, (_, path: string) => {
    const value = valueAt(fields, path);
    if (value === undefined) missing.push(path);
    return String(value);
  });
  const [first] = missing;
  if (first !== undefined) return { kind: 'problem', message: `the incident has no ${first}` };
  if (text.length > maxLength) return { kind: 'problem', message: `longer than ${maxLength} characters` };
  // Others wrote it, and it becomes part of what the model is told: one line, and nothing that cannot be seen.
  if (text !== given && (/[\r\n\u2028\u2029]/u.test(text) || findInvisible(text).length > 0))
    return { kind: 'problem', message: 'it has characters that cannot be seen, or several lines' };
  const value = whole === undefined ? text : (valueAt(fields, whole) ?? text);
  return { kind: 'filled', value };
}
