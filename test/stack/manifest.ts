import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const textsSchema = z.record(z.string(), z.string());

/** package.json as VS Code reads it: with the texts that it names, in English unless told otherwise. */
export async function readManifest(language?: 'de'): Promise<unknown> {
  const texts = await readManifestTexts(language);
  const fill = (_: string, value: unknown): unknown => {
    const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
    return key === undefined ? value : (texts[key] ?? value);
  };
  return JSON.parse(await read('package.json'), fill);
}

export async function readManifestTexts(language?: 'de'): Promise<Readonly<Record<string, string>>> {
  return textsSchema.parse(JSON.parse(await read(`media/l10n/package.nls.${language === undefined ? '' : 'de.'}json`)));
}

function read(file: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
}
