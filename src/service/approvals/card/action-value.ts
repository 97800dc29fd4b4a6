/** What a button carries: which question, which message of it, and the hash of what that message shows. */
export interface ActionValue {
  readonly id: string;
  readonly nonce: string;
  readonly digest: string;
}

export const actions = {
  approve: 'switchboard_approve',
  deny: 'switchboard_deny',
  /** Links. Slack reports them all the same. */
  open: 'switchboard_open',
  record: 'switchboard_record',
} as const;

export function writeActionValue({ id, nonce, digest }: ActionValue): string {
  return `1.${id}.${nonce}.${digest}`;
}

/** @returns undefined for anything else, such as a button of another version. */
export function readActionValue(value: string): ActionValue | undefined {
  const [, id, nonce, digest] = /^1\.([0-9a-f-]{36})\.([0-9a-f-]{36})\.([0-9a-f]{64})$/u.exec(value) ?? [];
  return id === undefined || nonce === undefined || digest === undefined ? undefined : { id, nonce, digest };
}
