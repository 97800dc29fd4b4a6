export interface CallOptions {
  readonly signal: AbortSignal;
  /** Changes something at Slack: a lost answer is then `outcome_unknown`. */
  readonly write?: boolean;
  readonly as?: 'bot' | 'person';
  readonly progress?: (message: string) => void;
}

export interface ClientSettings {
  readonly botToken: string;
  readonly userToken: string | undefined;
  readonly apiUrl: string;
}

/** A file as it came. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}
