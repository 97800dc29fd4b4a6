import type { RunEvent } from '../agent/events.ts';

/** What a run spent its time on, in milliseconds since it started. */
export interface Timeline {
  readonly totalMs: number;
  readonly segments: readonly Segment[];
  /** Segments that were left out because there are too many. */
  readonly leftOut: number;
}

export interface Segment {
  /** The model, a call, a person who decides, or a model that asked to wait. */
  readonly kind: 'model' | 'call' | 'person' | 'retry';
  readonly label: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** US dollars, if the model's price is known. */
  readonly cost?: number;
  readonly tokens?: number;
  readonly failed?: true;
}

interface Recorded {
  /** ISO 8601. */
  readonly time: string;
  readonly event: RunEvent;
}

const maxSegments = 300;

/** The timeline of one run, from the recorded events of its session. Undefined if there is no such run. */
export function timelineOf(recorded: readonly Recorded[], run: string): Timeline | undefined {
  const first = recorded.findIndex(({ event }) => event.type === 'run-started' && event.run === run);
  const start = recorded[first];
  if (start === undefined) return undefined;
  const next = recorded.findIndex(({ event }, index) => index > first && event.type === 'run-started');
  const own = recorded.slice(first, next === -1 ? undefined : next);
  const zero = Date.parse(start.time);
  const writer = createWriter();
  let at = 0;
  for (const { time, event } of own) {
    // A clock that was set back must not give negative times.
    at = Math.max(at, Date.parse(time) - zero);
    writer.note(event, at);
  }
  const segments = writer.segments.toSorted((a, b) => a.startMs - b.startMs);
  return {
    totalMs: at,
    segments: segments.slice(0, maxSegments),
    leftOut: Math.max(0, segments.length - maxSegments),
  };
}

interface Begun {
  readonly at: number;
  readonly label: string;
}

/** Turns events into segments, in order. */
function createWriter() {
  const segments: Segment[] = [];
  const titles = new Map<string, string>();
  const calls = new Map<string, Begun>();
  const asked = new Map<string, Begun>();
  /** When the model's turn began: at the start, and when the last result of the turn before was there. */
  let turn = 0;
  let spent = { cost: 0, tokens: 0 };
  const end = (begun: Begun | undefined, kind: Segment['kind'], at: number, failed = false): void => {
    if (begun === undefined) return;
    const { at: startMs, label } = begun;
    segments.push({ kind, label, startMs, durationMs: at - startMs, ...(failed && { failed }) });
  };
  const note = (event: RunEvent, at: number): void => {
    switch (event.type) {
      case 'tool-call-proposed':
        titles.set(event.callId, event.title);
        break;
      case 'approval-requested':
        // An edit asks again for the same call: the person is deciding all the time.
        if (!asked.has(event.callId)) asked.set(event.callId, { at, label: event.tool.title });
        break;
      case 'approval-resolved':
        end(asked.get(event.callId), 'person', at);
        asked.delete(event.callId);
        break;
      case 'tool-call-started':
        calls.set(event.callId, { at, label: titles.get(event.callId) ?? '' });
        break;
      case 'tool-call-finished':
        end(calls.get(event.callId), 'call', at, event.outcome === 'failed');
        calls.delete(event.callId);
        turn = at;
        break;
      case 'retry-scheduled':
        segments.push({ kind: 'retry', label: event.reason, startMs: at, durationMs: event.delayMs });
        break;
      case 'usage-changed': {
        const { cost, inputTokens, outputTokens, turns } = event.usage;
        const tokens = inputTokens + outputTokens;
        const price = cost === undefined ? {} : { cost: cost - spent.cost };
        const used = { ...price, tokens: tokens - spent.tokens };
        segments.push({ kind: 'model', label: `Turn ${turns}`, startMs: turn, durationMs: at - turn, ...used });
        spent = { cost: cost ?? 0, tokens };
        turn = at;
        break;
      }
      default:
    }
  };
  return { segments, note };
}
