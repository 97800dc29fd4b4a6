/** Exit codes of the command line; README documents them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  writeNotGranted: 3,
  budget: 4,
  /** EX_CONFIG of sysexits.h. */
  configuration: 78,
  /** 128 + SIGINT, as shells say it. */
  cancelled: 130,
} as const;

/** What was typed, or a file that was named, is wrong. The message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A setting is missing or wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
