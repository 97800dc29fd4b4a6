import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorTypeOf } from './misbehaviour.ts';

const largestBody = 32 * 1024 * 1024;

/** An error response of the API. */
export interface HttpFault {
  readonly status: number;
  readonly message: string;
}

/** @param parts received chunks are added here */
export async function readBody(request: IncomingMessage, parts: Buffer[]): Promise<string> {
  let size = 0;
  for await (const part of request) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > largestBody) throw new Error('request exceeds 32 MB');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Returns undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId(), ...headers });
  response.end(JSON.stringify(body));
}

export function sendError(response: ServerResponse, fault: HttpFault, headers: Record<string, string> = {}): void {
  const error = { type: errorTypeOf(fault.status), message: fault.message };
  sendJson(response, fault.status, { type: 'error', error, request_id: requestId() }, headers);
}

export function requestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}
