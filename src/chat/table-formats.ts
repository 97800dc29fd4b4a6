/** Formats in which a table can be copied and saved. The host writes them. */
export const tableFormats = ['csv', 'tsv', 'markdown', 'json', 'insert'] as const;

export type TableFormat = (typeof tableFormats)[number];
