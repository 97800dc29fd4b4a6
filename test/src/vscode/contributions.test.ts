import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { chatCommands } from '../../../src/chat/messages.ts';
import { secretNames, settingsSchema, toVariables } from '../../../src/settings.ts';
import { readManifest } from '../../stack/manifest.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const command = z.object({ command: z.string(), title: z.string(), category: z.literal('Switchboard') });
const item = z.object({ command: z.string(), when: z.string().optional() });
const view = z.object({ id: z.string(), type: z.string().optional(), icon: z.string() });
const property = z.looseObject({ default: z.unknown(), description: z.string(), scope: z.string() });
const step = z.object({
  description: z.string(),
  media: z.object({ svg: z.string() }),
});

const manifestSchema = z.object({
  icon: z.string(),
  main: z.string(),
  activationEvents: z.array(z.string()),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ supported: z.literal('limited'), restrictedConfigurations: z.array(z.string()) }),
  }),
  contributes: z.object({
    commands: z.array(command),
    menus: z.record(z.string(), z.array(item)),
    keybindings: z.array(z.object({ command: z.string() })),
    views: z.record(z.string(), z.array(view)),
    walkthroughs: z.array(z.object({ steps: z.array(step) })),
    configuration: z.array(z.object({ title: z.string(), properties: z.record(z.string(), property) })),
    mcpServerDefinitionProviders: z.array(z.object({ id: z.string() })),
    chatParticipants: z.array(z.object({ id: z.string(), commands: z.array(z.object({ name: z.string() })) })),
    languageModelTools: z.array(z.object({ name: z.string(), modelDescription: z.string() })),
  }),
});

interface Registered {
  readonly commands: string[];
  readonly webviews: string[];
  readonly trees: string[];
  readonly mcpProviders: string[];
  readonly participants: string[];
  readonly tools: string[];
}

let manifest: z.infer<typeof manifestSchema>;
let registered: Registered;
let commands: readonly string[];

beforeAll(async () => {
  manifest = manifestSchema.parse(await readManifest());
  commands = manifest.contributes.commands.map((contributed) => contributed.command);
  registered = await activate();
});

/** Runs the real activate() against a fake `vscode` that records what is registered. */
async function activate(): Promise<Registered> {
  const bundle = await build({
    entryPoints: [`${root}src/extension.ts`],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    external: ['vscode'],
    plugins: [
      {
        name: 'heavy-half',
        setup: (context) => {
          context.onResolve({ filter: /(?:assemble|host)\.ts$/ }, () => ({ path: 'heavy-half', external: true }));
        },
      },
    ],
  });
  const noted: Registered = { commands: [], webviews: [], trees: [], mcpProviders: [], participants: [], tools: [] };
  const nothing = { dispose: () => undefined };
  const note =
    (list: string[], extra = {}) =>
    (id: string) => {
      list.push(id);
      return { ...nothing, ...extra };
    };
  const vscode = {
    Disposable: { from: () => nothing },
    EventEmitter: class {
      readonly event = () => nothing;
    },
    McpStdioServerDefinition: Object,
    commands: { registerCommand: note(noted.commands) },
    ThemeIcon: Object,
    languages: { registerCodeActionsProvider: () => nothing },
    chat: { createChatParticipant: note(noted.participants) },
    lm: { registerMcpServerDefinitionProvider: note(noted.mcpProviders), registerTool: note(noted.tools) },
    window: {
      createOutputChannel: () => nothing,
      registerWebviewViewProvider: note(noted.webviews),
      registerWebviewPanelSerializer: () => nothing,
      createTreeView: note(noted.trees, {
        onDidChangeCheckboxState: () => nothing,
        onDidChangeVisibility: () => nothing,
      }),
    },
  };
  const module = { exports: {} as { activate: (context: unknown) => void } };
  type Run = (module: unknown, exports: unknown, require: unknown) => void;
  const require = (name: string): unknown => {
    if (name === 'vscode') return vscode;
    throw new Error(`activate() must not load '${name}'`);
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- our own bundle, built just above
  const run = new Function('module', 'exports', 'require', bundle.outputFiles[0]!.text) as Run;
  run(module, module.exports, require);
  module.exports.activate({ subscriptions: [], extension: { packageJSON: { version: '1.0.0' } } });
  return noted;
}

describe('what package.json contributes', () => {
  it('registers a command for every entry, and has an entry for every command', () => {
    expect(registered.commands.toSorted()).toEqual(commands.toSorted());
    for (const name of chatCommands) expect(commands).toContain(name);
  });

  it('registers a provider for every view', () => {
    const views = Object.values(manifest.contributes.views).flat();
    const ids = (type: string | undefined): string[] => views.filter((each) => each.type === type).map(({ id }) => id);
    expect(registered.webviews).toEqual(ids('webview'));
    expect(registered.trees.toSorted()).toEqual(ids(undefined).toSorted());
    expect(registered.mcpProviders).toEqual(manifest.contributes.mcpServerDefinitionProviders.map(({ id }) => id));
  });

  it('registers every chat participant and tool, which name built-in runbooks', () => {
    const { chatParticipants, languageModelTools } = manifest.contributes;
    expect(registered.participants).toEqual(chatParticipants.map(({ id }) => id));
    expect(registered.tools).toEqual(languageModelTools.map(({ name }) => name));
    const runbooks = chatParticipants.flatMap(({ commands: each }) => each.map(({ name }) => name));
    for (const name of runbooks) {
      expect(existsSync(`${root}src/runbooks/${name}.md`), name).toBe(true);
      for (const { modelDescription } of languageModelTools) expect(modelDescription).toContain(name);
    }
  });

  it('refers only to commands that exist', () => {
    const used = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.keybindings].map(
      (each) => each.command,
    );
    const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    for (const { description } of steps) {
      used.push(...[...description.matchAll(/\(command:([\w.]+)\)/gu)].map(([, name]) => name!));
    }
    expect(used.filter((name) => !commands.includes(name))).toEqual([]);
  });

  it('refers only to files that exist', () => {
    const views = Object.values(manifest.contributes.views).flat();
    const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const files = [manifest.icon, ...views.map(({ icon }) => icon), ...steps.map(({ media }) => media.svg)];
    expect(files.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
  });

  it('activates only on its own commands, views and tabs', () => {
    // VS Code adds those itself; a tab that comes back after a reload it does not.
    expect(manifest.activationEvents).toEqual(['onWebviewPanel:switchboard.grid']);
  });
});

describe('settings', () => {
  const contributed = (): Record<string, z.infer<typeof property>> =>
    Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)) as never;

  it('match settings.ts in name, type, default and description', () => {
    const schema = z.toJSONSchema(settingsSchema, { io: 'input' }).properties ?? {};
    const declared = Object.entries(contributed()).map(([name, { scope: _scope, ...rest }]) => [name, rest]);
    const wanted = Object.entries(schema).map(([name, rest]) => [`switchboard.${name}`, withoutPropertyNames(rest)]);
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(wanted));
  });

  it('contain no secrets: only secret storage can pass one to a server', () => {
    const connected = { 'postgres.host': 'db', 'jira.url': 'https://a.test', 'jira.email': 'a@b.test' };
    const variables = Object.keys(toVariables(settingsSchema.parse(connected), {}));
    expect(variables).toContain('JIRA_URL');
    expect(variables.filter((name) => Object.hasOwn(secretNames, name))).toEqual([]);
  });

  it('cannot come from a workspace, except one that is ignored in an untrusted workspace', () => {
    const free = Object.entries(contributed()).filter(([, { scope }]) => scope !== 'machine');
    expect(free.map(([name]) => name)).toEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
  });
});

/** Removes `propertyNames`, which VS Code does not need because property names are always strings. */
function withoutPropertyNames(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPropertyNames);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => key !== 'propertyNames');
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutPropertyNames(value)]));
}
