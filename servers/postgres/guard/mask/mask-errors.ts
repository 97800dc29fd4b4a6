import { ToolError } from '../../../kit/errors.ts';
import { serverError, toToolError } from '../../connection/to-tool-error.ts';

/** Errors about data, raised by functions, or about constraints: their messages may contain values. */
const ofData = /^(?:22|23|44|P0|2F|38|39|XX)/;

/**
 * Runs a read and removes values that the caller did not write from its errors, such as those from row-level security
 * or a generated column. It is still the server's error.
 */
export async function withoutValues<Result>(
  written: readonly (string | null)[],
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const failure = serverError(error);
    if (failure !== undefined && error instanceof Error && ofData.test(failure.code)) {
      error.message = failure.code.startsWith('P0')
        ? 'a database function raised an error, whose text may contain masked values'
        : hideQuoted(failure.message, written);
      Object.assign(error, { detail: undefined, hint: undefined, where: undefined });
    }
    throw error;
  }
}

/** From the first quote to the last: a value may contain quotes. */
function hideQuoted(message: string, written: readonly (string | null)[]): string {
  return message.replace(/"([^]*)"/, (found, value: string) =>
    value !== '' && written.some((text) => text?.includes(value) === true) ? found : '"[masked]"',
  );
}

/** Explains errors of statements with replaced tables: the caller did not write what failed. */
export function explainMasking(error: unknown, sql: string, masked: readonly string[]): unknown {
  if (masked.length === 0) return error;
  const failure = toToolError(error, '', sql);
  const state = failure.details?.['sqlstate'];
  if (typeof state !== 'string' || !state.startsWith('42')) return error;
  const why =
    `Masking may be the cause: the table of ${masked.join(', ')} is read as a subquery, in which masked columns are ` +
    'text or NULL. List the columns you need, from that table only.';
  return new ToolError(
    failure.code,
    failure.message,
    {
      hint: failure.hint === undefined ? why : `${failure.hint} ${why}`,
      ...(failure.details !== undefined && { details: failure.details }),
    },
    { cause: error },
  );
}
