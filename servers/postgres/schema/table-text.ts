import type { TableDescription } from './describe-table.ts';

/** As DDL-like lines, a format that models know well. */
export function describeInWords(table: TableDescription): string {
  const rows = table.estimated_rows === undefined ? '' : `, about ${table.estimated_rows} rows`;
  const lines = [`${table.kind} ${table.schema}.${table.table}${rows}${remark(table.comment)}`];
  if (table.access !== undefined) lines.push(`! ${table.access}`);
  if (table.row_security !== undefined) lines.push(table.row_security);
  if (table.parents !== undefined) lines.push(...table.parents);
  for (const column of table.columns) {
    const parts = [`  ${column.name} ${column.type}`];
    if (!column.nullable) parts.push('not null');
    if (column.default !== undefined)
      parts.push(column.default.startsWith('generated') ? column.default : `default ${column.default}`);
    if (column.values !== undefined)
      parts.push(`values: ${column.values.map((value) => JSON.stringify(value)).join(', ')}`);
    if (column.masked === true) parts.push('masked');
    lines.push(parts.join(' ') + remark(column.comment));
  }
  for (const type of new Set(table.columns.flatMap(({ types }) => types ?? []))) lines.push(`type ${type}`);
  if (table.primary_key.length > 0) lines.push(`primary key (${table.primary_key.join(', ')})`);
  lines.push(...table.foreign_keys.map((key) => key.replace(/^FOREIGN KEY/, 'foreign key')));
  lines.push(...table.unique.map((columns) => `unique (${columns})`));
  lines.push(...table.checks);
  lines.push(...table.referenced_by.map((key) => `referenced by ${key}`));
  lines.push(...table.indexes.map((index) => `index ${index}`));
  if (table.partition_key !== undefined) lines.push(`partitioned by ${table.partition_key}`);
  if (table.policies !== undefined) lines.push(...table.policies.map((policy) => `policy ${policy}`));
  if (table.partitions !== undefined)
    lines.push(`${table.partition_key === undefined ? 'children' : 'partitions'}: ${table.partitions.join('; ')}`);
  if (table.definition !== undefined) lines.push(`defined as:\n${table.definition}`);
  return lines.join('\n');
}

function remark(comment: string | undefined): string {
  return comment === undefined ? '' : ` -- ${comment.replaceAll(/\s+/g, ' ')}`;
}
