import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { packageExtension } from '../stack/package.ts';
import { startBrowser } from '../vscode/window/browser.ts';
import { installExtension } from '../vscode/window/editor.ts';
import { failuresFolder } from '../vscode/window/remains.ts';

declare module 'vitest' {
  interface ProvidedContext {
    vscode: {
      /** Where the browser of all windows listens. */
      readonly browser: string;
      /** The packaged extension. */
      readonly vsix: string;
      /** Folders of extensions, to be copied: ours, and ours beside one that offers a language model. */
      readonly extensions: string;
      readonly extensionsWithModel: string;
    };
  }
}

const modelProvider = fileURLToPath(new URL('../vscode/model-provider/', import.meta.url));

/** What all windows of a run have in common, made once and one thing after the other: fetching it is no part of a test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await rm(failuresFolder, { recursive: true, force: true });
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-vscode-'));
  const browser = await startBrowser();
  const stop = async (): Promise<void> => {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    const vsix = join(folder, 'switchboard.vsix');
    await packageExtension(vsix);
    project.provide('vscode', {
      browser: browser.wsEndpoint(),
      vsix,
      extensions: await installExtension(join(folder, 'plain'), vsix),
      extensionsWithModel: await installExtension(join(folder, 'with-model'), vsix, modelProvider),
    });
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
