import { ToolError } from '../../kit/errors.ts';
import { noConnectionLeft } from './connection-limit.ts';
import { quoteName } from '../identifiers.ts';
import { serverError, toToolError } from './to-tool-error.ts';
import type { Target } from '../config/database-settings.ts';

/** Explains why no connection could be opened, and what the owner can do about it. */
export function connectFailure(error: unknown, where: string, target: Target): ToolError {
  const told = toToolError(error, where);
  const hint = adviceFor(error, target);
  const full = noConnectionLeft(error);
  if (hint === undefined && !full) return told;
  const { code, message, details } = told;
  return new ToolError(
    full ? 'unreachable' : code,
    message,
    { ...(hint !== undefined && { hint }), ...(details !== undefined && { details }) },
    { cause: error },
  );
}

function adviceFor(error: unknown, { database, user }: Target): string | undefined {
  const failure = serverError(error);
  if (noConnectionLeft(error))
    return 'The server, the role or a pooler has no connection left. Try again later, or ask the owner for a higher CONNECTION LIMIT or pool size.';
  if (failure?.code === '42501' && /database/i.test(failure.message))
    return `Ask the owner to run: GRANT CONNECT ON DATABASE ${quoteName(database)} TO ${quoteName(user)};`;
  if (failure?.code === '42501')
    return 'The role cannot set that when connecting: check the options of the URL (PGOPTIONS), or ask the owner for GRANT SET ON PARAMETER.';
  if (failure?.code === '28000' && /not permitted to log in/.test(failure.message))
    return `Ask the owner to run: ALTER ROLE ${quoteName(user)} LOGIN;`;
  return undefined;
}
