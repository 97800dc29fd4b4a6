/** What the link to the record of a run says. By itself, because the converters of texts are loaded when first needed. */
export const recordLabel = 'Record of the run';
