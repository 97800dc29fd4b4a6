// In place of `vscode`, which is there only inside of it, for tests of host code that uses no more of it than this.

export const env = { language: 'en' };

/** As VS Code does it without a bundle: the English text with its values. */
export const l10n = {
  bundle: undefined,
  uri: undefined,
  t: (message: string, ...values: readonly unknown[]): string =>
    message.replaceAll(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
};

export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };
