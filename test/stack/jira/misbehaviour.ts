import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './model.ts';

/** Faults. "After" means that Jira has already stored the change. */
export type Mischief =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'answer-after'; readonly status: number; readonly body?: unknown }
  | { readonly kind: 'reset'; readonly at: 'accept' | 'headers' | 'body' | 'after' | 'answer' }
  | { readonly kind: 'hang' | 'hang-after' }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'login-page' }
  /** Handled normally once the promise settles. */
  | { readonly kind: 'wait'; readonly for: Promise<unknown> };

export interface Misbehaviour {
  /** Which requests: matched against "POST /rest/api/3/issue". Default: all. */
  readonly on?: RegExp;
  /** How many of them. Default: 1. */
  readonly times?: number;
  readonly does: Mischief;
}

/** The faults given to `misbehave`, each used as often as it says. */
export class Misbehaviours {
  #rules: { rule: Misbehaviour; left: number }[] = [];

  add(rule: Misbehaviour): void {
    this.#rules.push({ rule, left: rule.times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** For a connection whose request is not known yet. */
  takeAccept(): boolean {
    return this.#take(({ does }) => does.kind === 'reset' && does.at === 'accept') !== undefined;
  }

  take(method: string, path: string): Mischief | undefined {
    const line = `${method} ${path}`;
    return this.#take(
      ({ on, does }) => (on === undefined || on.test(line)) && !(does.kind === 'reset' && does.at === 'accept'),
    )?.does;
  }

  #take(wanted: (rule: Misbehaviour) => boolean): Misbehaviour | undefined {
    const entry = this.#rules.find(({ rule, left }) => left > 0 && wanted(rule));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.rule;
  }
}

export const loginPage: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html;charset=UTF-8' },
  body: '<!doctype html><html><head><title>Log in - Jira</title></head><body><form id="login-form"></form></body></html>',
};

/**
 * The whole body, or what has been received when a fault cuts the connection.
 * @param chunks received chunks are added here
 */
export async function readBody(
  request: IncomingMessage,
  mischief: Mischief | undefined,
  chunks: Buffer[],
): Promise<Buffer> {
  const resetsAt = mischief?.kind === 'reset' ? mischief.at : undefined;
  if (resetsAt === 'headers') throw new ConnectionReset();
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    if (resetsAt === 'body') throw new ConnectionReset();
  }
  if (resetsAt === 'body') throw new ConnectionReset();
  return Buffer.concat(chunks);
}

export class ConnectionReset extends Error {}

/** Writes headers and half of the bytes, then cuts the connection. */
export function answerHalf(response: ServerResponse, body: string): void {
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.resetAndDestroy());
}
