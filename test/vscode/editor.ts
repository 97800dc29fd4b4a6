import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { packageExtension } from '../stack/package.ts';
import { codeServerEntry, startCodeServer, type CodeServer } from './code-server.ts';

const run = promisify(execFile);

export interface Editor {
  readonly server: CodeServer;
  /** Home of everything that this VS Code writes. */
  readonly folder: string;
  /** Where the extension keeps its state. */
  readonly stateFolder: string;
  readonly stop: () => Promise<void>;
}

export interface EditorOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly machineSettings: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Folder of one more extension, unpacked. */
  readonly extension?: string;
}

/** A VS Code with the extension installed as anyone would install it: packaged, then from the .vsix. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-editor-'));
  try {
    const extensions = join(folder, 'extensions');
    const userData = join(folder, 'user');
    await mkdir(extensions);
    if (options.extension !== undefined)
      await cp(options.extension, join(extensions, basename(options.extension)), { recursive: true });
    const vsix = join(folder, 'switchboard.vsix');
    const entry = await codeServerEntry(userData);
    await packageExtension(vsix);
    await run(process.execPath, [...entry, '--extensions-dir', extensions, '--install-extension', vsix]);
    const server = await startCodeServer({ ...options, userData, extensions });
    const stateFolder = join(userData, 'User/globalStorage/switchboard.switchboard');
    const stop = async (): Promise<void> => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { server, folder, stateFolder, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
