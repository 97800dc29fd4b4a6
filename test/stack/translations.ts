import * as z from 'zod';
import { filesIn, findTexts, type ShownTexts } from './shown-texts.ts';

/** What is translated into media/l10n, by the name of its bundle: where its texts are shown. */
const places: Readonly<Record<'bundle' | 'panel', readonly string[]>> = {
  bundle: ['src/vscode/*', 'src/extension.ts'],
  panel: ['src/webview/*'],
};

export function textsOfBundles(): Readonly<Record<keyof typeof places, ShownTexts>> {
  return { bundle: findTexts(filesIn(...places.bundle)), panel: findTexts(filesIn(...places.panel)) };
}

export const bundleSchema = z.record(z.string(), z.string());

/** The bundle with what the code shows now, in its order. A new text has no translation yet, which a test reports. */
export function renewBundle(before: string, { translated }: ShownTexts): string {
  const old = bundleSchema.parse(JSON.parse(before));
  return `${JSON.stringify(Object.fromEntries(translated.map(({ text }) => [text, old[text] ?? ''])), undefined, 2)}\n`;
}
