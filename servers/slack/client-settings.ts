import type { Telemetry } from '../kit/telemetry/telemetry.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Changes something in Slack, so a lost response becomes `outcome_unknown`. */
  readonly write?: boolean;
  readonly as?: 'bot' | 'person';
  readonly progress?: (message: string) => void;
}

/** Whom we act as. */
export interface Tokens {
  readonly botToken: string;
  readonly userToken: string | undefined;
}

export interface ClientSettings extends Tokens {
  readonly apiUrl: string;
  readonly telemetry: Telemetry;
}

/** A file as downloaded. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}
