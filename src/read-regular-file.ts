import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

export type RegularFile =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** Nothing is there. */
  | { readonly kind: 'absent' }
  /** A folder, a link where links are not followed, a pipe, a device, or too large. In words: `it is ...`. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ReadLimits {
  readonly maxBytes: number;
  /** Default: false. Then a symbolic link is refused. */
  readonly followLinks?: boolean;
}

/**
 * Reads a file that somebody else may have put there: never waits for a named pipe, reads from no device, and takes no
 * more bytes than asked for, even where the file grows or its size is a lie.
 * @throws the system's error where the file may not be opened (EACCES).
 */
export async function readRegularFile(path: string, limits: ReadLimits): Promise<RegularFile> {
  // Windows has only the first; undefined counts as 0.
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDONLY | O_NONBLOCK | (limits.followLinks === true ? 0 : O_NOFOLLOW));
  } catch (error) {
    return withoutFile(error);
  }
  try {
    const about = await handle.stat();
    if (!about.isFile()) return { kind: 'refused', reason: 'it is not a regular file' };
    if (about.size > limits.maxBytes) return tooLarge(limits.maxBytes);
    return await readAll(handle, limits.maxBytes);
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle, maxBytes: number): Promise<RegularFile> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes + 1 - length));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return { kind: 'read', bytes: Buffer.concat(chunks, length) };
    chunks.push(chunk.subarray(0, bytesRead));
    length += bytesRead;
    if (length > maxBytes) return tooLarge(maxBytes);
  }
}

function tooLarge(maxBytes: number): RegularFile {
  return { kind: 'refused', reason: `it is larger than ${maxBytes} bytes` };
}

function withoutFile(error: unknown): RegularFile {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
  if (code === 'ELOOP') return { kind: 'refused', reason: 'it is a symbolic link' };
  // A socket, or a device without a driver.
  if (code === 'ENXIO' || code === 'ENODEV' || code === 'EISDIR')
    return { kind: 'refused', reason: 'it is not a regular file' };
  throw error;
}
