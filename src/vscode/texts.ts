import { readFile } from 'node:fs/promises';
import { env, l10n, Uri } from 'vscode';
import * as z from 'zod';
import { createTranslate, english, type Texts } from '../chat/texts.ts';

const schema = z.record(z.string(), z.string());

let reading: Promise<Texts> | undefined;
let translate = createTranslate(english);

/** A text of the agent or of a server in VS Code's language. English until the texts are read, and where it is not known. */
export function known(text: string): string {
  return translate.known(text);
}

/** A name from there, such as a tool's title. */
export function term(text: string): string {
  return translate.term(text);
}

/**
 * The texts of the webviews, and those of the agent, from beside the bundle that VS Code itself reads when the extension
 * starts: in files of their own, so that it does not start later for what is shown later.
 */
export function readTexts(log: (line: string) => void): Promise<Texts> {
  reading ??= read().catch((error: unknown) => {
    log(`the texts of the panel are in English: ${error instanceof Error ? error.message : String(error)}`);
    return english;
  });
  return reading;
}

async function read(): Promise<Texts> {
  const { uri } = l10n;
  if (uri === undefined) return english;
  const file = async (name: string): Promise<Texts['panel']> => {
    const place = Uri.joinPath(uri, '..', uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/^bundle/u, name));
    return schema.parse(JSON.parse(await readFile(place.fsPath, 'utf8')));
  };
  const [panel, core] = await Promise.all([file('panel'), file('core')]);
  const texts = { language: env.language, panel, core };
  translate = createTranslate(texts);
  return texts;
}
