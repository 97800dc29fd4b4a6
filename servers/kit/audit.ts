import type { AuditBody } from '../contract/audit/record.ts';
import { sha256Hex } from '../contract/sha256.ts';
import { canonicalJson } from '../contract/canonical-json.ts';
import type { ErrorCode, ToolErrorData } from '../contract/errors.ts';
import type { Redact } from '../contract/redact.ts';
import type { Caller } from './caller/caller.ts';
import type { CallInfo, Risk } from './define-tool.ts';
import { ToolError } from './errors.ts';
import type { Log } from './log.ts';

/** What is known about a call when it is recorded. A call refused early has fewer fields. */
export interface AuditedCall {
  readonly tool: string;
  readonly risk?: Risk;
  readonly preview?: boolean;
  readonly arguments?: unknown;
  readonly info?: CallInfo;
  /** Of a call refused before its `info` was read. */
  readonly caller?: Caller | undefined;
}

/** Where records go: files, or a database, where a durable record takes a while. */
export interface AuditSink {
  /** As `AuditWriter.append`. */
  readonly append: (make: () => AuditBody, durable: boolean) => number | Promise<number>;
}

export interface CallAudit {
  /**
   * Records a call before it runs: a write is on disk when this returns, a read is in the log a few milliseconds later.
   * @throws ToolError when the log cannot be written: no audit, no call.
   */
  readonly intend: (call: AuditedCall) => RecordedCall | Promise<RecordedCall>;
  /** Records a call that was refused before its intent was recorded. */
  readonly refuse: (call: AuditedCall, error: ToolErrorData) => void;
}

export interface RecordedCall {
  readonly finish: (structured: Readonly<Record<string, unknown>>) => void | Promise<void>;
  readonly fail: (error: ToolErrorData) => void | Promise<void>;
}

export interface AuditSetup {
  readonly writer: AuditSink;
  /** Server id: `postgres`. */
  readonly server: string;
  readonly redact: Redact;
  readonly log: Log;
  readonly now?: () => Date;
}

/** Codes that mean the call was blocked, as opposed to tried and failed. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_arguments',
  'not_configured',
  'not_allowed',
  'refused_by_guard',
  'rate_limited',
  'quota_exceeded',
  'idempotency_mismatch',
]);

export function createCallAudit({ writer, server, redact, log, now = () => new Date() }: AuditSetup): CallAudit {
  const of = { writer: server, server };
  const append = createAppend(writer, log);
  const recordedCall = (call: AuditedCall, intent: number | Error, started: number): RecordedCall => {
    if (intent instanceof Error) throw intent instanceof ToolError ? intent : notRecorded(call.tool);
    const end = (result: () => Partial<AuditBody>): void | Promise<void> => {
      const ended = now();
      const durationMs = Math.round(performance.now() - started);
      const last = (): AuditBody => ({
        time: ended.toISOString(),
        ...of,
        ...describeFacts(call),
        phase: 'result',
        intent,
        durationMs,
        ...result(),
      });
      const written = append(call.tool, last, isEffect(call));
      if (written instanceof Promise) return written.then(() => undefined);
    };
    return {
      finish: (structured) => end(() => describeResult(structured)),
      fail: (error) => end(() => describeError(error)),
    };
  };
  return {
    intend: (call) => {
      const started = performance.now();
      const begun = now();
      const first = (): AuditBody => ({ time: begun.toISOString(), ...of, ...describe(call, redact), phase: 'intent' });
      const intent = append(call.tool, first, isEffect(call));
      return intent instanceof Promise
        ? intent.then((sequence) => recordedCall(call, sequence, started))
        : recordedCall(call, intent, started);
    },
    refuse: (call, error) => {
      const refused = now();
      const only = (): AuditBody => ({
        time: refused.toISOString(),
        ...of,
        ...describe(call, redact),
        ...describeError(error),
        phase: 'refused',
        outcome: 'denied',
      });
      void append(call.tool, only, false);
    },
  };
}

/** @returns appends a record: its sequence number, or why it could not be written. */
function createAppend(writer: AuditSink, log: Log) {
  const report = (tool: string, error: unknown): Error => {
    log('error', 'cannot write the audit log', { tool, error: String(error) });
    return error instanceof Error ? error : new Error(String(error));
  };
  return (tool: string, make: () => AuditBody, durable: boolean): number | Error | Promise<number | Error> => {
    try {
      const written = writer.append(make, durable);
      return typeof written === 'number' ? written : written.catch((error: unknown) => report(tool, error));
    } catch (error) {
      return report(tool, error);
    }
  };
}

function isEffect({ risk, preview }: AuditedCall): boolean {
  return risk !== undefined && risk !== 'read' && preview !== true;
}

function notRecorded(tool: string): ToolError {
  return new ToolError('not_configured', `Cannot write the audit log. ${tool} does not run without it.`, {
    hint: 'Set SWITCHBOARD_STATE_DIR to a writable folder with free space.',
  });
}

function describe(call: AuditedCall, redact: Redact) {
  const { arguments: input } = call;
  return {
    ...describeFacts(call),
    ...(input !== undefined && { arguments: { ...readable(input, redact) }, ...digestOf(input) }),
  };
}

/** Fields in every record of a call. */
function describeFacts({ tool, risk, preview, info, caller = info?.caller }: AuditedCall) {
  return {
    tool,
    ...(caller !== undefined && { actor: caller.actor, subject: caller.subject }),
    ...(risk !== undefined && { risk }),
    ...(preview === true && { preview }),
    ...(info?.run !== undefined && {
      session: info.run.session,
      run: info.run.run,
      ...(info.run.actor !== undefined && { [caller === undefined ? 'actor' : 'claimedActor']: info.run.actor }),
    }),
    ...(info?.idempotencyKey !== undefined && { idempotencyKey: info.idempotencyKey }),
    ...(info?.approval !== undefined && { approval: info.approval }),
  };
}

/** Arguments nested too deeply are refused anyway, but recording that must not fail. */
function digestOf(input: unknown): { argumentsSha256?: string } {
  try {
    return { argumentsSha256: sha256Hex(canonicalJson(input)) };
  } catch (error) {
    if (error instanceof RangeError) return {};
    throw error;
  }
}

const maxTextLength = 2000;
const maxItems = 50;
const maxDepth = 8;

function readable(input: unknown, redact: Redact): object {
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return shorten(redact(value));
    if (value === null || typeof value !== 'object') return value;
    if (depth >= maxDepth) return '…';
    if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => walk(item, depth + 1));
    const entries = Object.entries(value).slice(0, maxItems);
    return Object.fromEntries(entries.map(([key, inner]) => [shorten(redact(key)), walk(inner, depth + 1)]));
  };
  const walked = walk(input, 0);
  return walked !== null && typeof walked === 'object' && !Array.isArray(walked) ? walked : { input: walked };
}

function shorten(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}… (${text.length} characters)`;
}

function describeResult(structured: Readonly<Record<string, unknown>>): Partial<AuditBody> {
  const { row_count: rows, issue_key: issue, ts, outcome } = structured;
  const objectId = typeof issue === 'string' ? issue : typeof ts === 'string' ? ts : undefined;
  return {
    outcome: outcome === 'replayed' ? 'replayed' : 'ok',
    resultSha256: sha256Hex(canonicalJson(structured)),
    ...(typeof rows === 'number' && Number.isInteger(rows) && { rows }),
    ...(objectId !== undefined && { objectId }),
  };
}

function describeError({ code, details }: ToolErrorData): Partial<AuditBody> {
  const status = details?.['status'] ?? details?.['sqlstate'];
  const known = typeof status === 'string' || (typeof status === 'number' && Number.isInteger(status));
  return {
    ...(refusals.has(code) && { phase: 'refused' }),
    outcome: outcomeOf(code),
    errorCode: code,
    ...(known && { upstreamStatus: status }),
  };
}

export function outcomeOf(code: ErrorCode): 'denied' | 'cancelled' | 'unknown' | 'failed' {
  return refusals.has(code) ? 'denied' : (outcomes[code] ?? 'failed');
}

const outcomes: Partial<Record<ErrorCode, 'cancelled' | 'unknown'>> = {
  cancelled: 'cancelled',
  outcome_unknown: 'unknown',
};
