import { readFile } from 'node:fs/promises';
import { env, l10n, Uri } from 'vscode';
import * as z from 'zod';
import { english, type Texts } from '../chat/texts.ts';

const schema = z.record(z.string(), z.string());

let reading: Promise<Texts> | undefined;

/**
 * The texts of the webviews in VS Code's language, from beside the bundle that VS Code itself read for us: files of
 * their own, because nothing else needs them.
 */
export function readPanelTexts(log: (line: string) => void): Promise<Texts> {
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
  return { language: env.language, panel, core };
}
