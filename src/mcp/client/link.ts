/** How a connection ended. */
export interface LinkEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the host or the server closed the connection. Continues a sentence that begins with the title. */
  readonly violation: string | undefined;
}

/** What carries the messages of one connection: a child process, or requests over the network. */
export interface Link {
  /** Undefined when there is no child process. */
  readonly pid: number | undefined;
  /** False as soon as the end is known. Messages may still be pending. */
  readonly running: boolean;
  /** True once `exited` has resolved. */
  readonly ended: boolean;
  /** Resolves once it has ended and everything received has been delivered. Never rejects. */
  readonly exited: Promise<LinkEnd>;
  readonly close: () => Promise<void>;
}

/** "was ended by SIGKILL": continues a sentence that begins with the server's title. */
export function describeEnd(end: LinkEnd): string {
  if (end.violation !== undefined) return end.violation;
  if (end.signal !== null) return `was ended by ${end.signal}`;
  return `ended with exit code ${end.code ?? 'unknown'}`;
}

/** The message did not reach the server and never will. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}
