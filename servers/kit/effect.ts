import type * as z from 'zod';

/**
 * One change at an upstream, done at most once. A write tool makes every change through `context.effect`:
 *
 *     const { key } = await context.effect({
 *       name: 'create',
 *       result: z.object({ key: z.string() }),
 *       send: (mark) => createIssue({ ...fields, labels: [...labels, `swb-${mark}`] }),
 *       find: ({ mark, signal }) => findByLabel(`swb-${mark}`, signal),
 *       patienceMs: 60_000,
 *       whereToLook: `Search Jira for the label before asking anew.`,
 *     });
 *
 * What `send` throws decides: ToolError `outcome_unknown` (the answer was lost, a 5xx after the bytes went out) starts
 * `find`; any other ToolError means that upstream did not take it, and the same key may try again. Bugs count as unknown.
 * A crash between `send` and its answer is the same as a lost answer: the next call with the key runs the tool's `run`
 * again, effects already done answer from the ledger, and the open one is looked for, never sent again.
 */
export interface Effect<Result> {
  /** Unique within the call and the same each time it is made: "create", "part 2". */
  readonly name: string;
  /** Of what the ledger keeps and reads back: ids, no more. JSON. */
  readonly result: z.ZodType<Result>;
  /**
   * @param mark 16 hex digits to be planted in what is made, for `find`; the same for each call with the same key.
   * Contract: does not heed the call's signal once it has begun. It needs its own time limit.
   */
  readonly send: (mark: string) => Promise<Result>;
  /**
   * Looks upstream for what carries the mark. `undefined`: not to be seen (yet). 'repeatable': doing it twice is the
   * same as once (setting a field), so that it is sent again instead.
   */
  readonly find: ((trace: Trace) => Promise<Result | undefined>) | 'repeatable';
  /** How long `find` is asked again; 5 s unless said. */
  readonly patienceMs?: number;
  /** For the person, when it cannot be found: where to see whether it is there. */
  readonly whereToLook: string;
}

/** What is known of a send whose answer was lost. */
export interface Trace {
  readonly mark: string;
  /** Begin of the send by this machine's clock. */
  readonly since: Date;
  readonly signal: AbortSignal;
}

export type PerformEffect = <Result>(effect: Effect<Result>) => Promise<Result>;
