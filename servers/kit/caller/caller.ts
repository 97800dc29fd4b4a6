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
  /** How references may call them; the email only if the issuer says that it verified it. */
  readonly names: { readonly sub: string | undefined; readonly email: string | undefined };
  /** The values of a claim of the token, by its name or path: a list, or words in one text. */
  readonly claim: (path: string) => readonly string[];
  /** What the caller's groups may use; undefined without a policy file, when only the server's own settings apply. */
  readonly places: Places | undefined;
}

/** Places by name; 'all' are those that the server's own settings allow. */
export interface Places {
  readonly projects: 'all' | readonly string[];
  readonly channels: 'all' | readonly string[];
  readonly databases: 'all' | readonly string[];
  /** Of a server that calls its places anything else, by its id. */
  readonly servers: Readonly<Record<string, 'all' | readonly string[]>>;
}

/** Our name for something that a caller named. The same name from another caller means something else. */
export function ownName(caller: Caller | undefined, name: string): string {
  return caller === undefined ? name : `${caller.id}\n${name}`;
}

/** The caller for a text that others read: letters, digits and what names and addresses have; undefined for one not known. */
export function readableName(caller: Caller | undefined): string | undefined {
  if (caller?.names.sub === undefined) return undefined;
  const plain = (text: string): string => text.replaceAll(/[^\p{L}\p{M}\p{N} ._@+',()|-]+/gu, ' ').trim();
  return (plain(caller.actor) || plain(caller.names.sub) || caller.id.slice(0, 12)).slice(0, 100);
}

/**
 * The last line of a text that comes from the server's own account: "Filed by Switchboard for anna@example.com".
 * @param markdown a text that ends with that line already gets no other.
 */
export function signatureOf(did: string, onBehalfOf: string | undefined, markdown = ''): string | undefined {
  const signature = onBehalfOf === undefined ? undefined : `${did} by Switchboard for ${onBehalfOf}`;
  const end = markdown.replace(/[\s*_]+$/u, '').replaceAll('\\', '');
  return signature === undefined || end.endsWith(signature) ? undefined : signature;
}
