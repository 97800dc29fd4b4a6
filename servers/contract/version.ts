/** Version of the extension, the command line and the three servers. A test compares it to package.json. */
export const version = '0.1.0';
