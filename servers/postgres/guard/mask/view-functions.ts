import { nameParts, walk } from '../tree.ts';

/** Functions of the server that return one value for each row or group: they do not change how many rows there are. */
const oneValue: ReadonlySet<string> = new Set([
  // text
  'lower', 'upper', 'initcap', 'btrim', 'ltrim', 'rtrim', 'left', 'right', 'substr', 'substring', 'overlay', 'length',
  'char_length', 'character_length', 'octet_length', 'md5', 'sha256', 'encode', 'decode', 'convert_to', 'convert_from',
  'concat', 'concat_ws', 'format', 'replace', 'regexp_replace', 'translate', 'split_part', 'reverse', 'lpad', 'rpad',
  'position', 'strpos', 'starts_with', 'like_escape', 'to_tsvector', 'ascii', 'hashtext', 'repeat', 'quote_literal',
  // numbers and times
  'abs', 'round', 'floor', 'ceil', 'trunc', 'to_char', 'to_date', 'to_number', 'to_timestamp', 'date_part', 'extract',
  'date_trunc', 'age', 'now', 'timezone', 'date', 'make_date',
  // lists and JSON
  'array_to_string', 'string_to_array', 'array_length', 'cardinality', 'row_to_json', 'to_json', 'to_jsonb',
  'json_build_object', 'jsonb_build_object', 'json_build_array', 'jsonb_build_array', 'jsonb_extract_path',
  'jsonb_extract_path_text', 'json_extract_path', 'json_extract_path_text', 'jsonb_strip_nulls', 'json_strip_nulls',
  // aggregates and window functions
  'count', 'min', 'max', 'sum', 'avg', 'string_agg', 'array_agg', 'json_agg', 'jsonb_agg', 'json_object_agg',
  'jsonb_object_agg', 'bool_and', 'bool_or', 'every', 'mode', 'percentile_cont', 'percentile_disc', 'stddev',
  'variance', 'first_value', 'last_value', 'nth_value', 'lag', 'lead', 'row_number', 'rank', 'dense_rank', 'ntile',
  'percent_rank', 'cume_dist',
]); // prettier-ignore

/** Whether the expression calls nothing that could return several rows. */
export function safeForViews(expression: unknown): boolean {
  let safe = true;
  walk(expression, (kind, node) => {
    if (kind === 'FuncCall') safe &&= oneValue.has(nameParts(node['funcname']).at(-1) ?? '');
  });
  return safe;
}
