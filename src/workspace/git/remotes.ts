import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '../../read-regular-file.ts';
import { WorkspaceError } from '../errors.ts';
import type { PrivateRepository } from './private-repository.ts';

const maxConfigBytes = 1024 * 1024;

/**
 * Lines of `remote.<name>.url <url>` from the repository's configuration, or empty. Git reads a copy of the file only
 * as data: it follows no includes and applies no settings.
 */
export async function readRemotes({ found, folder, git }: PrivateRepository): Promise<string> {
  const file = await readRegularFile(join(found.commonDirectory, 'config'), { maxBytes: maxConfigBytes });
  if (file.kind !== 'read') return '';
  const copy = join(folder, 'config-to-read');
  await writeFile(copy, file.bytes);
  try {
    return await git('config', '--file', copy, '--no-includes', '--get-regexp', String.raw`^remote\..*\.url$`);
  } catch (error) {
    if (error instanceof WorkspaceError) return ''; // no remote, or no valid file
    throw error;
  }
}
