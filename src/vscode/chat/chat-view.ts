import { randomBytes } from 'node:crypto';
import { Disposable, Uri, type Webview, type WebviewView, type WebviewViewProvider, languages, window } from 'vscode';
import { parseWebviewMessage, type ContextChip, type HostMessage, type WebviewMessage } from '../../chat/messages.ts';
import { chatPage } from '../../chat/page.ts';
import type { Texts } from '../../chat/texts.ts';
import type { Chat } from './chat.ts';
import { readTexts } from '../texts.ts';
import { readEditorContext, type ContextItem } from '../editor/editor-context.ts';

export interface ChatViewOptions {
  readonly chat: Chat;
  /** `dist`. */
  readonly folder: Uri;
  /** What belongs to the composer and not to the conversation. */
  readonly attached: () => readonly ContextChip[];
  /** Builds the message that lists what is connected. */
  readonly connections: () => Promise<HostMessage>;
  /** Handles every message that is not about the view itself. */
  readonly handle: (message: WebviewMessage, context: readonly ContextItem[]) => Promise<void>;
  readonly log: (line: string) => void;
}

const contextDelayMs = 150;

/** The webview side of a chat. It holds no state because VS Code can close, hide or recreate it at any time. */
export class ChatView implements WebviewViewProvider, Disposable {
  readonly #options: ChatViewOptions;
  readonly #disposables: { readonly dispose: () => unknown }[] = [];
  #view: WebviewView | undefined;
  /** Chips of the last two updates, because a message can be sent while newer chips are on their way. */
  #context: readonly ContextItem[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Messages queued while the page is loading. Undefined once it listens. */
  #unheard: HostMessage[] | undefined = [];

  constructor(options: ChatViewOptions) {
    this.#options = options;
    this.#disposables.push(
      options.chat.onMessage((message) => this.post(message)),
      window.onDidChangeActiveTextEditor(() => this.#contextChanged()),
      window.onDidChangeTextEditorSelection(() => this.#contextChanged()),
      languages.onDidChangeDiagnostics(() => this.#contextChanged()),
    );
  }

  get isVisible(): boolean {
    return this.#view?.visible ?? false;
  }

  async resolveWebviewView(view: WebviewView): Promise<void> {
    this.#view = view;
    this.#unheard ??= [];
    view.webview.options = {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [this.#options.folder],
    };
    view.webview.onDidReceiveMessage((value: unknown) => this.#receive(value));
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
    });
    const texts = await readTexts(this.#options.log);
    // It may have been closed meanwhile.
    if (this.#view === view) view.webview.html = this.#page(view.webview, texts);
  }

  post(message: HostMessage): void {
    const isForOnce = message.type === 'focus' || message.type === 'insert-prompt';
    if (isForOnce && this.#unheard !== undefined) {
      this.#unheard.push(message);
      return;
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code, not a window
    void this.#view?.webview.postMessage(message);
  }

  /** Shows the number of pending approvals on the view icon, which is visible even if the view is hidden. */
  setBadge(value: number, tooltip: string): void {
    if (this.#view === undefined || (this.#view.badge?.value ?? 0) === value) return;
    this.#view.badge = value === 0 ? undefined : { value, tooltip };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    Disposable.from(...this.#disposables).dispose();
  }

  #receive(value: unknown): void {
    const parsed = parseWebviewMessage(value);
    if ('problem' in parsed) return this.#options.log(parsed.problem);
    const { message } = parsed;
    const handled = message.type === 'ready' ? this.#fill() : this.#options.handle(message, this.#context);
    void handled.catch((error: unknown) => {
      this.#options.chat.notify('error', error instanceof Error ? error.message : String(error));
    });
  }

  async #fill(): Promise<void> {
    this.post(this.#options.chat.snapshot());
    const unheard = this.#unheard ?? [];
    this.#unheard = undefined;
    for (const message of unheard) this.post(message);
    this.#sendContext();
    this.post({ type: 'attached', chips: this.#options.attached() });
    await this.#options.chat.restore();
    this.post(await this.#options.connections());
  }

  #contextChanged(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sendContext(), contextDelayMs);
  }

  #sendContext(): void {
    const items = readEditorContext();
    this.#context = [...items, ...this.#context.slice(0, items.length)];
    this.post({ type: 'context', chips: items.map(({ chip }) => chip) });
  }

  #page(webview: Webview, texts: Texts): string {
    const uri = (name: string): string => webview.asWebviewUri(Uri.joinPath(this.#options.folder, name)).toString();
    return chatPage({
      script: uri('webview.js'),
      style: uri('webview.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      texts,
    });
  }
}
