/** The file as a whole cannot be used; the message names the file and, where there is one, the line. */
export class McpConfigError extends Error {
  override readonly name = 'McpConfigError';
}

/** One server of the file cannot be used. The message says why, and is prefixed with file, line and name by the reader. */
export class EntryError extends Error {
  override readonly name = 'EntryError';
}
