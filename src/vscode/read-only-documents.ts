import { Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';

const scheme = 'switchboard';
const mostDocuments = 50;

/** Shows text in an editor that asks nobody to save it. */
export class ReadOnlyDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(scheme, this);

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? 'This text is no longer held. Open it again from the chat.';
  }

  /** @param name with the extension that says what language it is: `E3.csv`. */
  async show(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${name}` });
    this.#texts.delete(uri.path);
    this.#texts.set(uri.path, text);
    for (const oldest of [...this.#texts.keys()].slice(0, -mostDocuments)) this.#texts.delete(oldest);
    this.#changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    Disposable.from(this.#registration, this.#changed).dispose();
  }
}
