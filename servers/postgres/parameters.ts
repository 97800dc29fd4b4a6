import { serverError } from './connection/to-tool-error.ts';
import { encodeParameter, type ListForm } from './values.ts';

/**
 * Runs a read with its parameters. A list may mean an array or JSON, and only the server knows which: if it rejects one
 * form for the parameter's type, the other is tried.
 */
export async function withParameters<Result>(
  parameters: readonly unknown[],
  read: (values: (string | null)[]) => Promise<Result>,
): Promise<Result> {
  const encode = (lists: ListForm): (string | null)[] => parameters.map((value) => encodeParameter(value, lists));
  try {
    return await read(encode('array'));
  } catch (error) {
    const malformed = serverError(error)?.code === '22P02' && parameters.some((value) => Array.isArray(value));
    if (!malformed) throw error;
    return read(encode('json')).catch(() => Promise.reject(error));
  }
}
