// npm run docs: writes from the code the tables in the READMEs, the scopes in Slack's manifest, the published schemas and
// the texts to translate.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { httpVariables } from '../../servers/kit/http/settings.ts';
import { systems } from '../../servers/contract/systems.ts';
import { factsOfTool } from '../../servers/contract/tool-facts.ts';
import { policyFileSchema } from '../../src/agent/policy/policy-file.ts';
import { frontMatterSchema } from '../../src/agent/runbook/schema.ts';
import { settingsSchema } from '../../src/settings.ts';
import { triggersSchema } from '../../src/service/triggers/triggers-file.ts';
import { createProgram } from '../../src/terminal/program.ts';
import { ourServers, type ourTools } from '../servers/our-servers.ts';
import { readManifest } from './manifest.ts';
import { serverJson } from './packages/server-json.ts';
import { renewBundle, textsOfBundles } from './translations.ts';

const manifest = z
  .object({
    contributes: z.object({
      commands: z.array(z.object({ command: z.string(), title: z.string() })),
      keybindings: z.array(z.object({ command: z.string(), key: z.string(), mac: z.string() })),
    }),
  })
  .parse(await readManifest());

/** The content of each region `<!-- docs:name -->` ... `<!-- /docs -->` (in YAML `# docs:name`) of each file. */
export const documented: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    Object.entries(ourServers).map(([id, { tools, variables }]) => [
      `servers/${id}/README.md`,
      { tools: toolTable(tools), variables: variableTable(variables) },
    ]),
  ),
  'servers/README.md': { variables: variableTable(httpVariables), catalogue: catalogueTable() },
  'media/slack-app-manifest.yaml': { scopes: scopeLines() },
  'src/vscode/README.md': { settings: settingTable(), commands: commandTable() },
  'src/terminal/README.md': programTables(),
};

/** The published schemas, generated from those that validate. */
export const schemas = {
  'media/policy.schema.json': ['Switchboard policy file', policyFileSchema],
  'media/triggers.schema.json': ['Switchboard triggers file', triggersSchema],
  'media/runbook.schema.json': ['Front matter of a Switchboard runbook', frontMatterSchema],
} as const;

/** The entries of the servers for the MCP registry. */
export const entries: Readonly<Record<string, string>> = Object.fromEntries(
  systems.map(({ id, title }) => [`servers/${id}/server.json`, `${JSON.stringify(serverJson(id, title), null, 2)}\n`]),
);

export function schemaText(title: string, schema: z.ZodType): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}

/** @throws Error if a region has no table, or a table no region */
export function fillRegions(file: string, text: string): string {
  const tables = new Map(Object.entries(documented[file] ?? {}));
  const filled = text.replaceAll(
    /((?:<!--|#) docs:(\S+)(?: -->)?\n)[\s\S]*?( *(?:<!--|#) \/docs(?: -->)?)/g,
    (_, begin: string, name: string, end: string) => {
      const table = tables.get(name);
      if (table === undefined) throw new Error(`${file}: test/stack/docs.ts writes no table '${name}'`);
      tables.delete(name);
      return `${begin}${table}\n${end}`;
    },
  );
  const [missing] = tables.keys();
  if (missing !== undefined) throw new Error(`${file}: it has no region <!-- docs:${missing} --> ... <!-- /docs -->`);
  return filled;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function toolTable(tools: typeof ourTools): string {
  const anyLimit = tools.some(({ limit }) => limit !== undefined);
  return table(
    ['tool', 'kind', 'what it does', ...(anyLimit ? ['limit'] : [])],
    tools.map(({ name, description, risk, limit, input }) => [
      `\`${name}(${Object.entries(input.shape).map(argumentText).join(', ')})\``,
      risk,
      description,
      ...(anyLimit ? [limit ?? ''] : []),
    ]),
  );
}

function catalogueTable(): string {
  const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
  return table(
    ['tool', 'risk', 'scope', 'writes to', 'undo'],
    Object.entries(ourServers).flatMap(([id, { tools }]) =>
      tools.map(({ name, risk }) => {
        const facts = factsOfTool(name);
        return [
          `\`${name}\``,
          risk,
          `\`${id}:${risk === 'read' ? 'read' : 'write'}\``,
          code(facts?.destination ?? []),
          facts?.undo ?? (facts?.isUndo === true ? 'is for undoing' : ''),
        ];
      }),
    ),
  );
}

/** Scopes that only some Slack tools need. */
function scopeLines(): string {
  const scopes = [...new Set(ourServers.slack.tools.flatMap((tool) => tool.scopes))];
  return scopes
    .map((scope) => {
      const users = ourServers.slack.tools.filter((tool) => tool.scopes.includes(scope)).map(({ name }) => name);
      return `      - ${scope} # ${users.join(', ')}; may be left out`;
    })
    .join('\n');
}

/** `limit=100`, `cursor?`, `query`. */
function argumentText([name, schema]: readonly [string, z.core.$ZodType]): string {
  const absent = z.safeParse(schema, undefined);
  if (!absent.success) return name;
  return absent.data === undefined ? `${name}?` : `${name}=${JSON.stringify(absent.data)}`;
}

function variableTable({ shape }: z.ZodObject): string {
  return table(
    ['variable', 'meaning', 'default'],
    Object.entries<z.core.$ZodType>(shape).map(([name, schema]) => [
      `\`${name}\``,
      descriptionOf(schema),
      defaultOf(schema),
    ]),
  );
}

function settingTable(): string {
  return table(
    ['setting', 'meaning', 'default'],
    Object.entries(settingsSchema.shape).map(([name, schema]) => [
      `\`switchboard.${name}\``,
      descriptionOf(schema),
      defaultOf(schema),
    ]),
  );
}

function descriptionOf(schema: z.core.$ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? '';
}

function defaultOf(schema: z.core.$ZodType): string {
  const { data } = z.safeParse(schema, undefined);
  if (data === undefined || data === '' || JSON.stringify(data) === '[]' || JSON.stringify(data) === '{}') return '';
  return `\`${typeof data === 'string' ? data : JSON.stringify(data)}\``;
}

function commandTable(): string {
  const { commands, keybindings } = manifest.contributes;
  return table(
    ['command', 'id', 'key'],
    commands.map(({ command, title }) => {
      const binding = keybindings.find((each) => each.command === command);
      return [title, `\`${command}\``, binding === undefined ? '' : `\`${binding.key}\`, macOS \`${binding.mac}\``];
    }),
  );
}

function programTables(): Readonly<Record<string, string>> {
  const never = (): never => {
    throw new Error('Only the shape of the command line is looked at here.');
  };
  const actions = {
    run: never,
    ask: never,
    resume: never,
    undo: never,
    accept: never,
    serve: never,
    worker: never,
    doctor: never,
  };
  const program = createProgram(
    '0.0.0',
    systems.map(({ id }) => id),
    {
      ...actions,
      records: { sessionsFolder: never, audit: never, print: never, exit: never },
      state: { migrate: never, print: never },
      mcp: { read: never, print: never, note: never, exit: never, signal: never },
    },
  );
  const leaves = leavesOf(program, 'switchboard');
  const runOptions = leaves.find(({ path }) => path.endsWith(' ask'))?.command.options ?? [];
  const shared = new Set(runOptions.map(({ flags }) => flags));
  const takesAll = (command: Command) =>
    command.options.filter(({ flags }) => shared.has(flags)).length === shared.size;
  return {
    commands: table(
      ['command', 'what it does', 'options'],
      leaves.map(({ path, command }) => [
        `\`${[path, ...command.registeredArguments.map(argumentName)].join(' ')}\``,
        command.description(),
        [
          ...(takesAll(command) ? ['those below'] : []),
          ...command.options
            .filter(({ flags }) => !(takesAll(command) && shared.has(flags)))
            .map((option) => `\`${option.flags}\`: ${optionText(option)}`),
        ].join('<br>'),
      ]),
    ),
    options: table(
      ['option', 'meaning'],
      runOptions.map((option) => [`\`${option.flags}\``, optionText(option)]),
    ),
  };
}

function optionText({ description, argChoices }: Command['options'][number]): string {
  const choices = argChoices === undefined ? '' : argChoices.map((choice) => `\`${choice}\``).join(', ');
  return [description, choices].filter((text) => text !== '').join(': ');
}

function argumentName(argument: Command['registeredArguments'][number]): string {
  const whole = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${whole}>` : `[${whole}]`;
}

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leavesOf(command: Command, path: string): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, `${path} ${child.name()}`));
}

if (import.meta.main) {
  for (const file of Object.keys(documented)) await write(file, (before) => fillRegions(file, before));
  for (const [file, text] of Object.entries(entries)) await write(file, () => text);
  for (const [file, [title, schema]] of Object.entries(schemas)) await write(file, () => schemaText(title, schema));
  for (const [name, texts] of Object.entries(textsOfBundles()))
    await write(`media/l10n/${name}.l10n.de.json`, (before) => renewBundle(before, texts));
}

async function write(file: string, text: (before: string) => string): Promise<void> {
  const before = existsSync(file) ? await readFile(file, 'utf8') : '';
  const after = text(before);
  if (after !== before) await writeFile(file, after);
  console.log(`${file}: ${after === before ? 'as it was' : 'written'}`);
}
