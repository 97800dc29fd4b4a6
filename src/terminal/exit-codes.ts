/** Exit codes of the command line; README documents them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  writeNotGranted: 3,
  budget: 4,
  /** EX_CONFIG of sysexits.h. */
  configuration: 78,
  /** 128 + SIGINT, as in shells. */
  cancelled: 130,
} as const;

/** An invalid command line or file. The message says how to fix it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A setting is missing or wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
