import { ToolError } from '../../kit/errors.ts';

/** How long the call was allowed to run at the server, and how long it ran. */
export interface Timing {
  readonly limitMs: number;
  readonly elapsedMs: number;
}

export interface Stop {
  readonly state: string;
  /** The server's message. It may be in any language, so it is only used where nothing else helps. */
  readonly message: string;
  readonly routine: string | undefined;
}

/**
 * Who or what stopped a query at the server: a time limit, an administrator, or replication on a standby.
 * @returns undefined for any other error. https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function stopReason(stop: Stop, timing: Timing | undefined): ToolError | undefined {
  const details = { sqlstate: stop.state };
  if (stop.state === '57014') return cancelled(stop.message, timing);
  if (stop.state === '40001' && (/recovery/i.test(stop.message) || /RecoveryConflict/.test(stop.routine ?? '')))
    return new ToolError(
      'conflict',
      'This replica cancelled the query because it delayed changes from the primary for too long.',
      {
        hint: 'Run a shorter query, or run it on the primary. The owner can raise max_standby_streaming_delay, or set hot_standby_feedback = on.',
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
    'The connection was ended at the database, by an administrator (pg_terminate_backend) or a server shutdown.',
    'The next call reconnects. If the query may have been ended on purpose, ask before running it again.',
  ],
  '57P02': [
    'unreachable',
    'The server ended all connections because one of its processes crashed.',
    'The next call reconnects. If this query may be the cause, do not repeat it; see the server log.',
  ],
  '57P04': ['not_found', 'The database was dropped while the query ran.', 'Check DB_NAME.'],
  '57P05': [
    'timeout',
    'The server ended the connection because it was idle for longer than idle_session_timeout allows.',
    'The next call reconnects.',
  ],
  '25P03': [
    'timeout',
    'The server ended the connection because its transaction was idle for longer than idle_in_transaction_session_timeout allows.',
    'Run the query again without cursor.',
  ],
  '25P04': [
    'timeout',
    'The query ran longer than the transaction_timeout of the role, the database or the server, and was stopped.',
    'Narrow it: filter on an indexed column or aggregate. explain_query shows where time goes.',
  ],
};

/** The server reports 57014 both for its own time limit and for a cancel from outside. */
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
        hint: 'An administrator or a monitoring tool stopped it, perhaps on purpose. Ask before running it again.',
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

/** The server's own timeout does not cover every loop in it, or a dead network. */
export function unanswered(where: string, statementTimeoutMs: number): ToolError {
  return new ToolError(
    'timeout',
    `The database at ${where} neither answered nor stopped within ${statementTimeoutMs / 1000} s. The connection was dropped.`,
    { hint: 'Narrow the query. If SELECT 1 gets no answer either, check the server.', retryable: false },
  );
}
