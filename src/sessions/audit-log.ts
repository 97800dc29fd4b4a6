import type { AuditBody } from '../../servers/contract/audit/record.ts';
import { sha256Hex } from '../../servers/contract/sha256.ts';
import { createAuditWriter } from '../../servers/contract/audit/writer.ts';
import { canonicalJson } from '../../servers/contract/canonical-json.ts';
import type { Redact } from '../../servers/contract/redact.ts';
import type { CallToRecord, RunAudit } from '../agent/run/run-audit.ts';
import type { ToolOutcome } from '../agent/tools.ts';

export interface HostAudit extends RunAudit {
  readonly dispose: () => void;
}

export interface HostAuditOptions {
  readonly stateFolder: string;
  readonly redact: Redact;
  /** The error when the log cannot be written. */
  readonly report: (error: unknown) => void;
  readonly now?: () => Date;
}

/** The host's own log: everything the agent does on any server, and why it was allowed. */
export function createHostAudit({ stateFolder, redact, report, now = () => new Date() }: HostAuditOptions): HostAudit {
  const writer = createAuditWriter({ stateFolder, writer: 'host', report });
  const append = (body: Omit<AuditBody, 'time' | 'writer'>, durable: boolean): number | undefined => {
    try {
      const time = now().toISOString();
      return writer.append(() => ({ time, writer: 'host', ...body }), durable);
    } catch (error) {
      report(error);
      return undefined;
    }
  };
  return {
    intend: (call) => {
      const durable = call.tool.risk !== 'read';
      const intent = append({ phase: 'intent', ...describe(call), ...argumentsOf(call, redact) }, durable);
      if (intent === undefined)
        return {
          kind: 'unrecorded',
          message: `The audit log in ${stateFolder} cannot be written. Nothing is sent without it.`,
        };
      return {
        kind: 'recorded',
        finish: (outcome, durationMs) => {
          const { policy: _, approval: __, taint: ___, ...facts } = describe(call);
          const result = { ...facts, ...resultOf(outcome), durationMs: Math.round(durationMs) };
          append({ phase: 'result', intent, ...result }, durable);
        },
      };
    },
    refuse: (call, errorCode) => {
      const outcome = errorCode === 'cancelled' ? 'cancelled' : 'denied';
      append({ phase: 'refused', ...describe(call), ...argumentsOf(call, redact), outcome, errorCode }, true);
    },
    dispose: writer.close,
  };
}

function describe(call: CallToRecord): Omit<AuditBody, 'time' | 'writer' | 'phase'> {
  const { tool, verdict, taint, session, run, actor, callId } = call;
  return {
    server: tool.server,
    tool: tool.plainName,
    risk: tool.risk,
    actor,
    session,
    run,
    callId,
    ...(call.idempotencyKey !== undefined && { idempotencyKey: call.idempotencyKey }),
    ...(verdict !== undefined && {
      policy: { decision: verdict.decision, by: verdict.by, rule: verdict.rule, reasons: [...verdict.reasons] },
    }),
    ...(verdict?.approval !== undefined && { approval: verdict.approval }),
    ...(tool.risk !== 'read' && taint.length > 0 && { taint: [...taint] }),
  };
}

const longestText = 2000;

function argumentsOf(
  { arguments: input }: CallToRecord,
  redact: Redact,
): Pick<AuditBody, 'arguments' | 'argumentsSha256'> {
  const readable = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const text = redact(value);
      return text.length <= longestText ? text : `${text.slice(0, longestText)}… (${text.length} characters)`;
    }
    if (Array.isArray(value)) return value.map(readable);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
  };
  const shown = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readable(value)]));
  return { arguments: shown, argumentsSha256: sha256Hex(canonicalJson(input)) };
}

function resultOf(outcome: ToolOutcome): Partial<AuditBody> {
  if (outcome.kind === 'failure') {
    const { code } = outcome.failure;
    const known = { cancelled: 'cancelled', outcome_unknown: 'unknown' } as const;
    return { outcome: code === 'cancelled' || code === 'outcome_unknown' ? known[code] : 'failed', errorCode: code };
  }
  const { structured, text } = outcome;
  const { row_count: rows, issue_key: issue, ts } = structured ?? {};
  const objectId = typeof issue === 'string' ? issue : typeof ts === 'string' ? ts : undefined;
  return {
    outcome: structured?.['outcome'] === 'replayed' ? 'replayed' : 'ok',
    resultSha256: sha256Hex(structured === undefined ? text : canonicalJson(structured)),
    ...(typeof rows === 'number' && Number.isInteger(rows) && { rows }),
    ...(objectId !== undefined && { objectId }),
  };
}
