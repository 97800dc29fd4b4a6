import type { ServerResponse } from 'node:http';
import { encodeFrame, type Frame } from './frames.ts';
import { requestId } from './http.ts';
import type { Fault } from './misbehaviour.ts';

/** Sends a turn as server-sent events, up to where the fault, if any, stops it. */
export async function streamFrames(
  turn: Frame[],
  fault: Fault | undefined,
  response: ServerResponse,
  paceMs: number,
): Promise<void> {
  const frames = fault?.kind === 'cut-input' ? cutInput(turn) : turn;
  const after = fault !== undefined && 'after' in fault ? fault.after : frames.length;
  if (fault?.kind === 'stall' && after === 0) return clientLeaving(response);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId(),
  });
  for (const frame of frames.slice(0, after)) {
    if (response.destroyed) return;
    if (!response.write(encodeFrame(frame))) await drained(response);
    if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, paceMs));
  }
  switch (fault?.kind) {
    case 'error-event': {
      const error = { type: fault.type ?? 'overloaded_error', message: 'Overloaded' };
      response.end(encodeFrame({ type: 'error', error, request_id: requestId() }));
      return;
    }
    case 'cut':
      // Written data must be flushed before the reset, or the client would receive none of it.
      response.write('', () => response.socket?.resetAndDestroy());
      return;
    case 'stall':
      return clientLeaving(response);
    default:
      response.end();
  }
}

/** Cuts the last tool input in half and ends the turn with max_tokens. */
function cutInput(frames: readonly Frame[]): Frame[] {
  const inputs = frames.flatMap((frame, index) =>
    frame.type === 'content_block_delta' && JSON.stringify(frame).includes('input_json_delta') ? [index] : [],
  );
  const dropped = new Set(inputs.slice(Math.ceil(inputs.length / 2)));
  return frames
    .filter((_, index) => !dropped.has(index))
    .map((frame) =>
      frame.type === 'message_delta'
        ? { ...frame, delta: { container: null, stop_reason: 'max_tokens', stop_sequence: null, stop_details: null } }
        : frame,
    );
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function clientLeaving(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}
