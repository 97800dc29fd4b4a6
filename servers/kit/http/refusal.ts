/** An HTTP response that ends a request before it reaches the protocol. `why` is only for the log and contains no secrets. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
  /** The message to the caller. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(status: number, why: string, message: string, headers?: Record<string, string>): Refusal {
  return { status, why, message, ...(headers !== undefined && { headers }) };
}

export function isRefusal(value: object): value is Refusal {
  return 'status' in value && 'why' in value;
}
