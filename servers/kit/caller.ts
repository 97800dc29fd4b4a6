/**
 * Who makes a call over HTTP, as verified by the server. What a caller says in `_meta` is only a claim. Over stdio
 * there is no caller, because only the process's parent can call.
 */
export interface Caller {
  /** Hash of issuer and subject. It separates the keys, limits and stop requests of different people. */
  readonly id: string;
  /** Issuer and subject from the token, for the audit log. */
  readonly subject: string;
  /** The same person in readable form. */
  readonly actor: string;
  /** What the caller's groups may use; undefined without a policy file, when only the server's own settings apply. */
  readonly places: Places | undefined;
}

/** Places by name; 'all' are those that the server's own settings allow. */
export interface Places {
  readonly projects: 'all' | readonly string[];
  readonly channels: 'all' | readonly string[];
  readonly databases: 'all' | readonly string[];
}

/** Our name for something that a caller named. The same name from another caller means something else. */
export function ownName(caller: Caller | undefined, name: string): string {
  return caller === undefined ? name : `${caller.id}\n${name}`;
}
