import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

export type RegularFile =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** The file does not exist. */
  | { readonly kind: 'absent' }
  /** A folder, a link that is not followed, a pipe, a device, or too large. Reads `it is ...`. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ReadLimits {
  readonly maxBytes: number;
  /** If false (the default), a symbolic link is rejected. */
  readonly followLinks?: boolean;
}

/**
 * Reads a file that may be hostile: never waits for a named pipe, reads from no device, and reads no more bytes than
 * requested, even if the file grows or reports a wrong size.
 * @throws the system's error when the file cannot be opened (EACCES).
 */
export async function readRegularFile(path: string, limits: ReadLimits): Promise<RegularFile> {
  // Windows has only the first. Undefined counts as 0.
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
