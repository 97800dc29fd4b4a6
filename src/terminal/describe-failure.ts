import { exitCodes } from './exit-codes.ts';

/** By name: some come from parts that are bundles of their own, with copies of these classes. */
const usage = new Set(['UsageError', 'McpConfigError']);
const settings = new Set(['SettingsError', 'ConfigurationError']);
const known = new Set([...usage, ...settings, 'SessionError', 'StateDatabaseError']);

/** What the command line says about an error that ends it. Only our own bugs come with a stack trace. */
export function describeFailure(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (!(error instanceof Error)) return { message: String(error), exitCode: exitCodes.failed };
  // The system's message about a file is clear enough: ENOTDIR: not a directory, scandir '/dev/null/x'.
  const isClear = known.has(error.name) || 'syscall' in error;
  return {
    message: isClear ? error.message : (error.stack ?? error.message),
    exitCode: usage.has(error.name)
      ? exitCodes.usage
      : settings.has(error.name)
        ? exitCodes.configuration
        : exitCodes.failed,
  };
}
