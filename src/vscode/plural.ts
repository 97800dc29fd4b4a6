import { env, l10n } from 'vscode';

/** Of numbers in our texts: VS Code's language if we have it, otherwise that of the texts. */
export function textLanguage(): string {
  return l10n.bundle === undefined ? 'en-US' : env.language;
}

/** The form for that number, which is the first value of the text. */
export function plural(count: number, one: string, other: string, ...values: readonly string[]): string {
  const language = textLanguage();
  const form = new Intl.PluralRules(language).select(count) === 'one' ? one : other;
  return l10n.t(form, count.toLocaleString(language), ...values);
}
