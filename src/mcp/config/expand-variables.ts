import { basename, sep } from 'node:path';
import type { Variables } from '../server-specs.ts';
import { EntryError } from './errors.ts';

/** Values for `${...}` references in an MCP configuration file. */
export interface ExpansionContext {
  readonly variables: Variables;
  readonly home: string;
  /** The open folder, if any. */
  readonly workspaceFolder: string | undefined;
  /** The answer to one of the file's `inputs`; undefined if it was not given. */
  readonly input: (id: string) => string | undefined;
  /** How the user provides a missing answer. Continues "the input 'x' has no value". */
  readonly inputHint: (id: string) => string;
}

/** Placeholders that LibreChat and Continue fill in. Templates of other programs are not meant. */
const foreign = /\$?\{\{\s*(?:[A-Z][A-Z0-9_]*|(?:secrets|inputs)\.[\w.-]+)\s*\}\}/u;
const reference = /\$\{([^}]*)\}/g;

/**
 * Fills in `${NAME}`, `${NAME:-default}`, `${env:NAME}`, `${input:id}`, `${workspaceFolder}`, `${userHome}` and the
 * like.
 * Also `$NAME` and `Bearer $NAME` as a whole (Gemini CLI), and `{env:NAME}` (opencode).
 * @throws EntryError for a reference that cannot be resolved. It is never passed on literally.
 */
export function expandVariables(text: string, field: string, context: ExpansionContext): string {
  const ofOtherHost = foreign.exec(text)?.[0];
  if (ofOtherHost !== undefined) throw new EntryError(`${field}: ${ofOtherHost} is not a reference that works here`);
  const plain = text
    .replace(/^((?:Bearer |Basic |token )?)\$([A-Z_][A-Z0-9_]*)$/u, '$1${$2}')
    .replaceAll(/(?<!\$)\{env:([A-Za-z_]\w*)\}/gu, '${env:$1}');
  return plain.replace(reference, (whole, inner: string) => {
    const [, name = '', fallback] = /^([^:]*(?::(?!-)[^:]*)?)(?::-(.*))?$/su.exec(inner) ?? [];
    const found = lookUp(name, whole, field, context);
    const value = found.value !== undefined && (found.value !== '' || fallback === undefined) ? found.value : fallback;
    if (value === undefined) throw new EntryError(`${field}: ${found.missing}`);
    return value;
  });
}

interface Found {
  readonly value: string | undefined;
  /** The error when there is neither a value nor a default. */
  readonly missing: string;
}

function lookUp(name: string, whole: string, field: string, context: ExpansionContext): Found {
  const { workspaceFolder, home, variables } = context;
  const noFolder = `${whole} needs an open folder`;
  switch (name) {
    case 'workspaceFolder':
    case 'workspaceRoot':
      return { value: workspaceFolder, missing: noFolder };
    case 'workspaceFolderBasename':
      return { value: workspaceFolder === undefined ? undefined : basename(workspaceFolder), missing: noFolder };
    case 'userHome':
      return { value: home, missing: '' };
    case 'pathSeparator':
    case '/':
      return { value: sep, missing: '' };
  }
  if (name.startsWith('input:')) {
    const id = name.slice('input:'.length);
    return { value: context.input(id), missing: `the input '${id}' has no value; ${context.inputHint(id)}` };
  }
  const variable = name.startsWith('env:') ? name.slice('env:'.length) : name;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new EntryError(`${field}: ${whole} is not a reference that works here`);
  }
  return { value: variables[variable], missing: `the variable ${variable} is not set` };
}
