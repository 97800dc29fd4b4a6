import * as z from 'zod';
import type { ToolOutcome, ToolSpec } from '../../tools.ts';

const detailsSchema = z.object({
  first: z.object({ structured: z.record(z.string(), z.unknown()), text: z.string() }),
});

/**
 * The result of an earlier attempt at the same write of an occasion, which a server of ours gives with `conflict`: the
 * ticket that exists. Undefined for any other failure.
 */
export function firstResultOf(
  { trusted }: ToolSpec,
  { failure }: Extract<ToolOutcome, { kind: 'failure' }>,
): Extract<ToolOutcome, { kind: 'result' }> | undefined {
  if (!trusted || failure.code !== 'conflict') return undefined;
  const { data } = detailsSchema.safeParse(failure.details);
  if (data === undefined) return undefined;
  return { kind: 'result', text: data.first.text, structured: { ...data.first.structured, outcome: 'replayed' } };
}
