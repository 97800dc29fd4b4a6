import { env, EventEmitter, Uri, l10n } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { RequestedCall } from '../../agent/undo.ts';
import type { ServerQuestion } from '../../agent/server-question.ts';
import type { BoundRunbook } from '../../agent/runbook/runbook.ts';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { ChatEvent, ChatState } from '../../chat/chat-state.ts';
import type { HostMessage } from '../../chat/messages.ts';
import { createProjection } from '../../chat/projection.ts';
import { createApprovals, type Approvals } from './approvals.ts';
import { createQuestions, type Questions } from './questions.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import type { ShownSession } from './session-state.ts';

export interface Task {
  readonly prompt: string;
  /** Short labels of the attached context: `orders.ts:12-30`. */
  readonly context: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly runbook?: BoundRunbook | undefined;
  /** Resumes the last run of the current session. */
  readonly resume?: boolean;
  /** Another agent asked for it: every write asks the user, whatever was allowed before. */
  readonly withoutGrants?: boolean;
  /** Makes these calls instead of asking the model. */
  readonly calls?: readonly RequestedCall[];
  /** The earlier call that `calls` take back. */
  readonly undoes?: string;
}

/** The first event of a run that was cut off when its window closed. */
export type Interrupted = Extract<RunEvent, { type: 'run-started' }>;

export interface ChatOptions {
  readonly holder: EngineHolder;
  readonly shown: ShownSession;
  readonly report: (error: unknown) => void;
}

/** Events are sent to the view in batches this many milliseconds apart, because deltas arrive by the dozen. */
const batchMs = 25;

/** The conversation in this window. The state lives here, and a webview only mirrors it. */
export class Chat {
  readonly approvals: Approvals;
  readonly questions: Questions;
  readonly #options: ChatOptions;
  readonly #projection = createProjection();
  readonly #messages = new EventEmitter<HostMessage>();
  /** Fires for each message to the webview. */
  readonly onMessage = this.#messages.event;
  readonly #links = new EventEmitter<{ readonly label: string; readonly url: string }>();
  /** Fires with a link to each item that a run creates. */
  readonly onLink = this.#links.event;
  readonly #events = new EventEmitter<RunEvent>();
  readonly onEvent = this.#events.event;
  readonly #asked = new EventEmitter<ApprovalRequest>();
  readonly onApproval = this.#asked.event;
  readonly #questioned = new EventEmitter<ServerQuestion>();
  /** Fires when a third-party server asks the user. */
  readonly onQuestion = this.#questioned.event;
  readonly #interrupted = new EventEmitter<Interrupted>();
  /** Fires after a reload that interrupted a run. */
  readonly onInterrupted = this.#interrupted.event;
  #run: AbortController | undefined;
  #lastStarted: Interrupted | undefined;
  #batch: ChatEvent[] = [];
  #restored: Promise<void> | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.approvals = createApprovals((request) => this.#asked.fire(request));
    this.questions = createQuestions({
      push: (event) => this.#push(event),
      onAsked: (question) => this.#questioned.fire(question),
      open: async (url) => env.openExternal(Uri.parse(url, true)),
    });
  }

  get state(): ChatState {
    return this.#projection.state();
  }

  /** How the last run of the current session started. */
  get lastStarted(): Interrupted | undefined {
    return this.#lastStarted;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  snapshot(): HostMessage {
    this.#flush();
    return this.#projection.snapshot();
  }

  /** Runs the task in the current session. Resolves when the run ends. Only one run at a time. */
  async run(task: Task): Promise<void> {
    if (this.#run !== undefined) return this.#refuse(l10n.t('A run is in progress. Stop it or wait for it to finish.'));
    const run = new AbortController();
    this.#run = run;
    this.#push({ type: 'prompt-sent', text: task.prompt, context: task.context, resumed: task.resume ?? false });
    try {
      await this.restore();
      await this.#options.holder.use((live) => this.#follow(task, live, run.signal));
    } catch (error) {
      this.#options.report(error);
      const reason = error instanceof Error ? error.message : String(error);
      this.#push({ type: 'prompt-rejected', message: reason });
    } finally {
      this.#run = undefined;
      this.#flush();
    }
  }

  stop(): void {
    this.#run?.abort(new Error('stopped by the user'));
  }

  /** Restores the session that this window showed before a reload. Runs once. Later calls wait for the first. */
  restore(): Promise<void> {
    const session = this.#options.shown.get();
    this.#restored ??= session === undefined ? Promise.resolve() : this.#show(session, true);
    return this.#restored;
  }

  async newSession(): Promise<void> {
    if (this.#run !== undefined)
      return this.#refuse(l10n.t('A run is in progress. Stop it before you start a new session.'));
    this.#restored = Promise.resolve();
    await this.#options.shown.set(undefined);
    this.#messages.fire(this.#projection.reset());
  }

  async openSession(session: string): Promise<void> {
    if (this.#run !== undefined)
      return this.#refuse(l10n.t('A run is in progress. Stop it before you open another session.'));
    this.#restored = Promise.resolve();
    await this.#show(session, false);
    await this.#options.shown.set(session);
  }

  notify(level: 'info' | 'error', message: string): void {
    this.#messages.fire({ type: 'notice', level, message });
  }

  #refuse(message: string): void {
    this.#messages.fire({
      type: 'notice',
      level: 'error',
      message,
      duringRun: true,
    });
  }

  send(message: HostMessage): void {
    this.#messages.fire(message);
  }

  async #follow(task: Task, { engine, hasModel }: LiveEngine, signal: AbortSignal): Promise<void> {
    if (!hasModel && task.calls === undefined) {
      const message = l10n.t(
        'No language model is connected. Run "Switchboard: Set Up Connections..." and choose Claude.',
      );
      this.#push({ type: 'prompt-rejected', message, code: 'not_configured' });
      return;
    }
    const events = engine.start({
      session: this.#options.shown.get(),
      prompt: task.prompt,
      resume: task.resume ?? false,
      attachments: task.attachments,
      runbook: task.runbook,
      calls: task.calls,
      undoes: task.undoes,
      acceptGrants: false,
      withoutGrants: task.withoutGrants ?? false,
      ask: this.approvals.ask,
      askForServer: this.questions.ask,
      signal,
    });
    for await (const event of events) {
      if (event.type === 'run-started') {
        this.#lastStarted = event;
        await this.#options.shown.set(event.session);
      }
      this.#push(event);
      this.#events.fire(event);
      if (event.type === 'tool-call-finished' && event.link !== undefined) this.#links.fire(event.link);
    }
  }

  async #show(session: string, restored: boolean): Promise<void> {
    try {
      const { engine } = await this.#options.holder.get();
      const { events, interrupted } = await engine.sessions.read(session);
      const past = events.map(({ event }) => event);
      this.#lastStarted = past.findLast((event) => event.type === 'run-started');
      this.#messages.fire(this.#projection.reset(interrupted === undefined ? past : [...past, interruption]));
      if (restored && interrupted !== undefined) this.#interrupted.fire(interrupted.started);
    } catch (error) {
      this.#options.report(error);
      await this.#options.shown.set(undefined);
      const reason = error instanceof Error ? error.message : String(error);
      this.notify('error', l10n.t('Could not load the previous session: {0}', reason));
    }
  }

  #push(event: ChatEvent): void {
    if (this.#batch.length === 0) setTimeout(() => this.#flush(), batchMs);
    this.#batch.push(event);
  }

  #flush(): void {
    const events = this.#batch;
    this.#batch = [];
    if (events.length > 0) this.#messages.fire(this.#projection.apply(events));
  }
}

/** A run that was cut off when its window closed must not look as if it is still running. */
const interruption: RunEvent = {
  type: 'run-finished',
  reason: 'cancelled',
  message: 'The window was closed or reloaded during this run. Writes that still needed your approval were not made.',
  writeNotGranted: false,
};
