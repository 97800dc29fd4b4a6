import { CodeAction, CodeActionKind, type CodeActionProvider, type Disposable, languages, l10n } from 'vscode';

const maxLineLength = 1000;
/** A code as systems write it: `TAX_RATE_MISSING`, `E1042`, `TaxError`. */
const code =
  /["'`]?(?<code>\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z]{1,8}-?\d{3,6}\b|\b[A-Z]\w+(?:Error|Exception)\b)["'`]?/gu;
const raises = /\b(?:throw|raise|panic|reject|fail|error|Error|Exception|err)\b|(?:Error|Exception)\s*\(/u;

/** The error codes of a line that raises something, without repeats. */
export function codesIn(line: string): readonly string[] {
  if (line.length > maxLineLength || !raises.test(line)) return [];
  return [...new Set([...line.matchAll(code)].map(({ groups }) => groups?.['code'] ?? ''))].slice(0, 3);
}

/** Offers to ask what failed, on a line that raises an error. Looks at the text only: it is asked at every move. */
export function registerAskAboutLine(): Disposable {
  const provider: CodeActionProvider = {
    provideCodeActions: (document, { start }) => {
      const { text } = document.lineAt(start.line);
      return codesIn(text).map((name) => {
        const action = new CodeAction(
          l10n.t('Ask Switchboard about {0}', name),
          CodeActionKind.Empty.append('switchboard'),
        );
        const argument = { code: name, path: document.uri.fsPath, line: start.line + 1 };
        action.command = { command: 'switchboard.askAboutLine', title: action.title, arguments: [argument] };
        return action;
      });
    },
  };
  return languages.registerCodeActionsProvider({ scheme: 'file' }, provider);
}
