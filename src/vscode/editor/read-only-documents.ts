import {
  Disposable,
  EventEmitter,
  Position,
  Range,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
  l10n,
} from 'vscode';

const scheme = 'switchboard';
const mostDocuments = 50;

/** Shows text in a read-only editor that never asks to be saved. */
export class ReadOnlyDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(scheme, this);

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? l10n.t('This text is no longer available. Open it again from the chat.');
  }

  /**
   * @param name file name. The extension sets the language: `E3.csv`.
   * @param at where to scroll to.
   */
  async show(name: string, text: string, at: 'start' | 'end' = 'start'): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${name}` });
    this.#texts.delete(uri.path);
    this.#texts.set(uri.path, text);
    for (const oldest of [...this.#texts.keys()].slice(0, -mostDocuments)) this.#texts.delete(oldest);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    const place = new Position(at === 'start' ? 0 : document.lineCount - 1, 0);
    await window.showTextDocument(document, { preview: true, selection: new Range(place, place) });
  }

  dispose(): void {
    Disposable.from(this.#registration, this.#changed).dispose();
  }
}
