import { isDeepStrictEqual } from 'node:util';
import { env, EventEmitter, type Disposable, l10n } from 'vscode';
import type { Model } from '../../agent/model/model.ts';
import type { ConfigFile } from '../../mcp/config/config-file.ts';
import { reachesClaude, toVariables, tracingVariables, type Settings, type Variables } from '../../settings.ts';
import type { Assemble, AssembleOptions, Switchboard } from '../../switchboard.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { mcpPolicy, readProxySettings, readSettings } from './configuration.ts';
import { inheritable } from './without-connection-variables.ts';
import { readMcpConfig, type ConfigSource } from './mcp-config-file.ts';
import type { SecretBox, Secrets } from './secrets.ts';
import { readGrants } from './settings-grants.ts';

/** An engine with the inputs it was created from. */
export interface LiveEngine {
  readonly engine: Switchboard;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly mcpConfig: ConfigFile | undefined;
  /** VS Code's own proxy settings, as environment variables. */
  readonly proxy: Variables;
  /** False if there is neither access to Claude nor a model in VS Code. */
  readonly hasModel: boolean;
}

export interface EngineHolderOptions {
  readonly secrets: SecretBox;
  readonly assemble: () => Promise<Assemble>;
  readonly editorModel: () => Promise<Model | undefined>;
  readonly base: Omit<AssembleOptions, 'variables' | 'settings' | 'grants' | 'mcpConfig' | 'model' | 'workspace'> & {
    readonly workspace: Workspace;
  };
  /** The environment of the extension host. Child processes get only the variables that they need to run. */
  readonly environment: Variables;
  readonly onProblem: (problem: string) => void;
  /** Called with messages for the log. */
  readonly onNote: (note: string) => void;
  readonly inputAnswer: ConfigSource['answer'];
}

/** What an engine is created from. If the inputs are unchanged, the engine is kept. */
interface Inputs {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly editorModel: string | undefined;
  readonly mcpConfig: ConfigFile | undefined;
  readonly proxy: Variables;
  readonly tracing: Variables;
}

/**
 * Creates the engine when it is first needed, and replaces it after settings or secrets change: right away, or as soon
 * as it is no longer in use.
 */
export class EngineHolder implements Disposable {
  readonly #options: EngineHolderOptions;
  readonly #changed = new EventEmitter<LiveEngine>();
  /** Fires when a new engine is ready. */
  readonly onChanged = this.#changed.event;
  #live: Promise<LiveEngine & { readonly inputs: Inputs }> | undefined;
  #retired: Promise<void> = Promise.resolve();
  #users = 0;
  #ended = false;

  constructor(options: EngineHolderOptions) {
    this.#options = options;
  }

  /** The current engine, for reading. Use `use` for work that must not be interrupted by a replacement. */
  get(): Promise<LiveEngine> {
    if (this.#live !== undefined) return this.#live;
    if (this.#ended) return Promise.reject(new Error(l10n.t('The window is closing.')));
    const live = this.#make();
    this.#live = live;
    // Try again next time: the secret storage may have been locked, or a setting may have been wrong.
    live.catch(() => {
      if (this.#live === live) this.#live = undefined;
    });
    return live;
  }

  /** Runs `work` with the current settings and secrets. The engine is not replaced until it has finished. */
  async use<Result>(work: (live: LiveEngine) => Promise<Result>): Promise<Result> {
    await this.refresh();
    this.#users += 1;
    try {
      return await work(await this.get());
    } finally {
      this.#users -= 1;
      if (this.#users === 0) await this.refresh().catch(this.#options.base.report);
    }
  }

  /** Replaces the engine if settings or secrets have changed. Does nothing while the engine is in use. */
  async refresh(): Promise<void> {
    const standing = this.#live;
    if (standing === undefined || this.#users > 0) return;
    const [live, inputs] = await Promise.all([standing, this.#read()]);
    if (this.#live !== standing || this.#users > 0 || isDeepStrictEqual(live.inputs, inputs)) return;
    this.#retire();
    await this.get();
  }

  /** Resolves when all child processes have exited. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#retire();
    await this.#retired;
  }

  dispose(): void {
    this.#changed.dispose();
    void this.end();
  }

  #retire(): void {
    const live = this.#live;
    this.#live = undefined;
    if (live === undefined) return;
    const ended = live.then(
      ({ engine }) => engine.dispose(),
      () => undefined, // it was never created; the caller already has the error
    );
    this.#retired = Promise.all([this.#retired, ended]).then(
      () => undefined,
      (error: unknown) => this.#options.base.report(error),
    );
  }

  async #read(): Promise<Inputs> {
    const { settings, problems } = readSettings();
    for (const problem of problems) this.#options.onProblem(problem);
    const secrets = await this.#options.secrets.read(settings.secretsFromEnvironment);
    const model = reachesClaude(settings, secrets) ? undefined : await this.#options.editorModel();
    const read = await readMcpConfig({
      path: settings.mcpConfig,
      variables: inheritable(this.#options.environment),
      workspaceFolder: this.#options.base.workspace.folders()[0]?.path,
      policy: mcpPolicy(),
      answer: this.#options.inputAnswer,
    });
    for (const each of read.problems) this.#options.onProblem(each);
    for (const note of read.notes) this.#options.onNote(note);
    return {
      settings,
      secrets,
      editorModel: model?.id,
      mcpConfig: read.config,
      proxy: readProxySettings(),
      tracing: tracingVariables(settings, env.isTelemetryEnabled),
    };
  }

  async #make(): Promise<LiveEngine & { readonly inputs: Inputs }> {
    const { assemble, editorModel, base, environment, onProblem } = this.#options;
    const [inputs, create] = await Promise.all([this.#read(), assemble()]);
    const { settings, secrets, mcpConfig, proxy, tracing } = inputs;
    const { grants, problems } = readGrants(settings.grants);
    for (const problem of problems) onProblem(problem);
    const model = inputs.editorModel === undefined ? undefined : await editorModel();
    const variables = { ...inheritable(environment), ...proxy, ...tracing, ...toVariables(settings, secrets) };
    // The previous engine must release its sessions and servers first.
    await this.#retired;
    const engine = create({ ...base, settings, variables, grants, mcpConfig, model });
    const hasModel = model !== undefined || reachesClaude(settings, secrets);
    const live = { engine, settings, secrets, mcpConfig, proxy, hasModel, inputs };
    queueMicrotask(() => this.#changed.fire(live));
    return live;
  }
}
