import * as z from 'zod';

// What tools of the database server return that is no table. Read by the host, which knows the server; the webview
// draws it. Only fields that are drawn.

const text = z.string();
const texts = z.array(text).default([]);

const planSchema = z.object({
  execution_ms: z.number().optional(),
  total_cost: z.number(),
  hints: texts,
  steps: z.array(
    z.object({
      depth: z.int().min(0).max(200),
      what: text,
      condition: text.optional(),
      estimated_rows: z.number(),
      cost: z.number(),
      rows: z.number().optional(),
      loops: z.number().optional(),
      own_ms: z.number().optional(),
      discarded_rows: z.number().optional(),
      hit_blocks: z.number().optional(),
      read_blocks: z.number().optional(),
    }),
  ),
  indexes: z.array(z.object({ statement: text, why: text })).default([]),
});

const tableSchema = z.object({
  schema: text,
  table: text,
  kind: text,
  comment: text.optional(),
  estimated_rows: z.number().optional(),
  columns: z.array(
    z.object({
      name: text,
      type: text,
      nullable: z.boolean(),
      default: text.optional(),
      comment: text.optional(),
      values: z.array(text).optional(),
      masked: z.literal(true).optional(),
    }),
  ),
  primary_key: texts,
  foreign_keys: texts,
  referenced_by: texts,
  unique: texts,
  checks: texts,
  indexes: texts,
  access: text.optional(),
  row_security: text.optional(),
});

const healthSchema = z.object({
  status: z.enum(['ok', 'attention']),
  problems: z.array(z.object({ severity: z.enum(['high', 'medium', 'low']), finding: text, action: text })),
});

export type PlanDetail = z.infer<typeof planSchema>;
export type TableDetail = z.infer<typeof tableSchema>;
export type HealthDetail = z.infer<typeof healthSchema>;

export type EvidenceDetail =
  | { readonly kind: 'plan'; readonly plan: PlanDetail }
  | { readonly kind: 'table'; readonly table: TableDetail }
  | { readonly kind: 'health'; readonly health: HealthDetail };

/** undefined for results of other tools and servers, and of earlier versions. */
export function readDetail(from: {
  readonly server: string;
  readonly tool: string;
  readonly value: unknown;
}): EvidenceDetail | undefined {
  if (from.server !== 'postgres') return undefined;
  switch (from.tool) {
    case 'explain_query': {
      const { data: plan } = planSchema.safeParse(from.value);
      return plan === undefined ? undefined : { kind: 'plan', plan };
    }
    case 'get_table_schema': {
      const { data: table } = tableSchema.safeParse(from.value);
      return table === undefined ? undefined : { kind: 'table', table };
    }
    case 'get_database_health': {
      const { data: health } = healthSchema.safeParse(from.value);
      return health === undefined ? undefined : { kind: 'health', health };
    }
    default:
      return undefined;
  }
}
