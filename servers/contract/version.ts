/** Of the extension, the command line and the three servers alike; package.json says the same, a test compares them. */
export const version = '0.1.0';
