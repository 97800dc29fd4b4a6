/** The whole file cannot be used. The message names the file and, if known, the line. */
export class McpConfigError extends Error {
  override readonly name = 'McpConfigError';
}

/** One server of the file cannot be used. The message says why; the reader prefixes file, line and name. */
export class EntryError extends Error {
  override readonly name = 'EntryError';
}
