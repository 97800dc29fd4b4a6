import { ToolError } from '../../kit/errors.ts';

/** How long the call was allowed to work at the server, and how long it did. */
export interface Timing {
  readonly limitMs: number;
  readonly elapsedMs: number;
}

export interface Stop {
  readonly state: string;
  /** The server's words. They are in its own language, so that what can be told without them is. */
  readonly message: string;
  readonly routine: string | undefined;
}

/**
 * Who or what stopped a query at the server: its time, an administrator, a replica that had to go on.
 * @returns undefined for every other failure. https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function stopReason(stop: Stop, timing: Timing | undefined): ToolError | undefined {
  const details = { sqlstate: stop.state };
  if (stop.state === '57014') return cancelled(stop.message, timing);
  if (stop.state === '40001' && (/recovery/i.test(stop.message) || /RecoveryConflict/.test(stop.routine ?? '')))
    return new ToolError(
      'conflict',
      'This replica cancelled the query: it held up changes from the primary for longer than the replica may wait.',
      {
        hint: 'Run it again, shorter, or on the primary. The owner can raise max_standby_streaming_delay, or set hot_standby_feedback = on.',
        retryable: true,
        details,
      },
    );
  const known = reasons[stop.state];
  if (known === undefined) return undefined;
  const [code, message, hint] = known;
  return new ToolError(code, message, { hint, details });
}

const reasons: Readonly<Record<string, readonly ['unreachable' | 'timeout' | 'not_found', string, string]>> = {
  '57P01': [
    'unreachable',
    'The connection was ended at the database, by an administrator (pg_terminate_backend) or because the server shuts down.',
    'The next call connects again. If the query was ended on purpose, ask before you run it again.',
  ],
  '57P02': [
    'unreachable',
    'The server ended all connections, because one of its processes crashed.',
    'The next call connects again. If this query may be the cause, do not repeat it; the log of the server says more.',
  ],
  '57P04': ['not_found', 'The database was dropped while the query ran.', 'Check DB_NAME.'],
  '57P05': [
    'timeout',
    'The server ended the connection, because it idled for longer than idle_session_timeout allows.',
    'The next call connects again.',
  ],
  '25P03': [
    'timeout',
    'The server ended the connection, because its transaction idled for longer than idle_in_transaction_session_timeout allows.',
    'Run the query again without cursor.',
  ],
  '25P04': [
    'timeout',
    'The query ran longer than the transaction_timeout of the role, the database or the server, and was stopped.',
    'Make it smaller: filter on an indexed column or aggregate. explain_query shows where time goes.',
  ],
};

/** The server says 57014 of its own time limit and of a cancel from outside alike. */
function cancelled(message: string, timing: Timing | undefined): ToolError {
  const details = { sqlstate: '57014' };
  const reached = timing !== undefined && timing.elapsedMs >= timing.limitMs * 0.98;
  const byTime = /statement timeout/.test(message) || (reached && !/user request/.test(message));
  const after = timing === undefined ? '' : ` after ${seconds(timing.elapsedMs)} s`;
  if (!byTime)
    return new ToolError(
      'cancelled',
      `The query was cancelled at the database${after}: from outside (pg_cancel_backend), not by its time limit.`,
      {
        hint: 'An administrator or a monitoring tool stopped it, perhaps on purpose: ask before you run it again.',
        details,
      },
    );
  const limit =
    timing === undefined || !reached
      ? `its time limit at the database (statement_timeout), and was stopped${after}`
      : `${timing.limitMs / 1000} s and was stopped`;
  return new ToolError('timeout', `The query ran longer than ${limit}.`, {
    hint: 'Narrow it: filter on an indexed column, aggregate, or look at explain_query first.',
    retryable: false,
    details,
  });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);
}

/** The server's own timeout does not reach every loop in it, nor a network that carries nothing any more. */
export function unanswered(where: string, statementTimeoutMs: number): ToolError {
  return new ToolError(
    'timeout',
    `The database at ${where} did not answer, nor stop, within ${statementTimeoutMs / 1000} s: the connection was dropped.`,
    { hint: 'Make the query smaller. If SELECT 1 is not answered either, look at the server.', retryable: false },
  );
}
