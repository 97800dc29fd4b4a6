/**
 * Who makes a call over HTTP, as verified by the server; what a caller says in `_meta` is only a claim. Over stdio there
 * is no caller: whoever started the process is the only one.
 */
export interface Caller {
  /** Hash of issuer and subject: keeps keys, limits and stop requests of two people apart. */
  readonly id: string;
  /** Issuer and subject as the token names them, for the audit log. */
  readonly subject: string;
  /** The same person in readable form. */
  readonly actor: string;
  /** What the caller's groups may use; undefined without a policy file, when the server's own settings decide alone. */
  readonly places: Places | undefined;
}

/** Places by name; 'all' are those that the server's own settings allow. */
export interface Places {
  readonly projects: 'all' | readonly string[];
  readonly channels: 'all' | readonly string[];
  readonly databases: 'all' | readonly string[];
}

/** A name of ours for something that a caller named: the same name by another caller is another thing. */
export function ownName(caller: Caller | undefined, name: string): string {
  return caller === undefined ? name : `${caller.id}\n${name}`;
}
