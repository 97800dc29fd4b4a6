/** An HTTP answer that ends a request before it reaches the protocol. `why` is for the log: no secrets, no details outside. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
  /** What the caller is told. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(status: number, why: string, message: string, headers?: Record<string, string>): Refusal {
  return { status, why, message, ...(headers !== undefined && { headers }) };
}

export function isRefusal(value: object): value is Refusal {
  return 'status' in value && 'why' in value;
}
