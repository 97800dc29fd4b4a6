import type { ServerResponse } from 'node:http';

/**
 * An HTTP error in the form that JSON-RPC clients expect.
 * @param isWhole false: the caller ends the response.
 */
export function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  code = -32_000,
  headers: Readonly<Record<string, string>> = {},
  isWhole = true,
): void {
  sendJson(response, status, { jsonrpc: '2.0', id: null, error: { code, message } }, headers, isWhole);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  isWhole = true,
): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
  if (isWhole) response.end(body);
  else response.write(body);
}
