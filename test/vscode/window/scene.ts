import { chromium, type Browser } from 'playwright-core';
import { afterAll, inject, test } from 'vitest';
import { standInScript } from '../../stack/claude/scripts/stand-in.ts';
import { accessCluster, type Cluster } from '../../stack/database/cluster.ts';
import { startStack, type Stack } from '../../stack/stack.ts';
import { addressSettings, connectedSettings, runbookSettings } from './connected-settings.ts';
import { startEditor, type Editor } from './editor.ts';
import { quietSettings } from './quiet-settings.ts';
import { keepRemains, type Remains } from './remains.ts';
import { Workbench } from './workbench.ts';

/** A test's own environment: new systems and a fresh VS Code with one window. */
export interface Scene {
  readonly stack: Stack;
  readonly editor: Editor;
  readonly window: Workbench;
  /** One of the stack's environment. */
  readonly variable: (name: string) => string;
}

export interface SceneOptions {
  /** All systems are connected by settings and environment, and the runbooks know where to write to. */
  readonly connected?: boolean;
  /** Beside the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Those of the machine that need something started first. */
  readonly machineSettings?: (stack: Stack) => Promise<Readonly<Record<string, unknown>>>;
  /** An extension beside ours offers a language model, which is the stand-in for Claude; Claude itself is not connected. */
  readonly model?: boolean;
  /** Milliseconds between two events of a streamed answer. */
  readonly paceMs?: number;
  /** A cluster of the test's own; the one of all tests unless given. */
  readonly cluster?: () => Promise<Cluster>;
}

/** Less than Vitest gives to a test: what is left of it must be kept before that. */
const limitMs = 25 * 60_000;

type Play = (scene: Scene) => Promise<void>;

/** What was started for a scene, to be looked at after a failure and ended. */
interface Stage {
  readonly remains: { -readonly [Part in keyof Remains]: Remains[Part] };
  readonly ends: (() => Promise<unknown>)[];
  scene?: Scene;
}

/** A test with its own scene. If it fails, the message names the folder with its traces. */
export function scene(name: string, options: SceneOptions, play: Play): void {
  test(name, async () => {
    const stage: Stage = { remains: {}, ends: [] };
    try {
      await perform(name, options, stage, play);
    } finally {
      await close(stage);
    }
  });
}

/**
 * For tests of one file that use one VS Code in turn, in any order. Each begins with a new session, without editors and
 * notifications; what others have filed and posted is still there. The one after a failed test gets a new VS Code.
 */
export function shareScene(options: SceneOptions): (name: string, play: Play) => void {
  let stage: Stage | undefined;
  afterAll(async () => {
    if (stage !== undefined) await close(stage);
  });
  return (name, play) => {
    test(name, async () => {
      stage ??= { remains: {}, ends: [] };
      try {
        await perform(name, options, stage, play);
      } catch (error) {
        const failed = stage;
        stage = undefined;
        await close(failed);
        throw error;
      }
    });
  };
}

async function perform(name: string, options: SceneOptions, stage: Stage, play: Play): Promise<void> {
  const act = async (): Promise<void> => {
    if (stage.scene === undefined) stage.scene = await open(options, stage);
    else await tidy(stage.scene);
    await play(stage.scene);
  };
  try {
    await Promise.race([act(), limit()]);
  } catch (error) {
    throw await keepRemains(name, error, stage.remains);
  }
}

async function close({ ends }: Stage): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

async function open(options: SceneOptions, { remains, ends }: Stage): Promise<Scene> {
  const cluster = await options.cluster?.();
  if (cluster !== undefined) ends.push(cluster.stop);
  const stack = await startStack({
    cluster: cluster ?? accessCluster(inject('postgres')),
    ...(options.paceMs !== undefined && { claude: { paceMs: options.paceMs } }),
  });
  remains.stack = stack;
  ends.push(stack.stop);
  const editor = await openEditor(options, stack);
  remains.editor = editor;
  ends.push(editor.stop);
  const window = await Workbench.open(await browser(), editor.server.url, stack.workspace.folder);
  remains.window = window;
  ends.push(() => window.close());
  const variable = (name: string): string => {
    const value = stack.environment[name];
    if (value === undefined) throw new Error(`The stack has no ${name}.`);
    return value;
  };
  return { stack, editor, window, variable };
}

/** After another test. */
async function tidy({ window, stack }: Scene): Promise<void> {
  stack.claude?.play(standInScript);
  await window.page.emulateMedia({ reducedMotion: 'reduce' });
  await window.run('View: Close All Editors');
  await window.page.locator('.tabs-container .tab').first().waitFor({ state: 'detached' });
  await window.closeNotifications();
  await window.run('Switchboard: New Session');
  await window.openChat();
  await window.chat.getByText('What needs looking into?').waitFor();
}

async function openEditor(
  { connected = false, model = false, settings = {}, machineSettings }: SceneOptions,
  stack: Stack,
): Promise<Editor> {
  const { extensions, extensionsWithModel } = inject('vscode');
  const { claude, secrets, environment } = stack;
  const { ANTHROPIC_API_KEY: key = '', ...others } = secrets;
  return startEditor({
    settings: { ...quietSettings, ...(connected && runbookSettings), ...settings },
    machineSettings: {
      ...(connected ? connectedSettings(stack) : addressSettings(environment)),
      ...(await machineSettings?.(stack)),
    },
    environment: {
      // VS Code reads the environment from the user's shell, whose startup is not ours to test.
      SHELL: '/bin/sh',
      ...(connected && others),
      ...(connected && !model && { ANTHROPIC_API_KEY: key }),
      ...(model && { STAND_IN_URL: claude?.url ?? '', STAND_IN_KEY: key }),
    },
    installed: model ? extensionsWithModel : extensions,
  });
}

let connection: Promise<Browser> | undefined;

/** The run's browser, which outlives the test file. */
export function browser(): Promise<Browser> {
  connection ??= chromium.connect(inject('vscode').browser);
  return connection;
}

function limit(): Promise<never> {
  return new Promise((_, reject) => {
    const signal = AbortSignal.timeout(limitMs);
    signal.addEventListener('abort', () => reject(new Error(`It is not over after ${limitMs / 60_000} minutes.`)));
  });
}
