import type * as z from 'zod';

/**
 * One change to an upstream system, made at most once. A write tool makes every change through `context.effect`:
 *
 *     const { key } = await context.effect({
 *       name: 'create',
 *       result: z.object({ key: z.string() }),
 *       send: (mark) => createIssue({ ...fields, labels: [...labels, `swb-${mark}`] }),
 *       find: ({ mark, signal }) => findByLabel(`swb-${mark}`, signal),
 *       patienceMs: 60_000,
 *       whereToLook: `Search Jira for the label before trying again.`,
 *     });
 *
 * What `send` throws decides what happens next: ToolError `outcome_unknown` (the response was lost, or a 5xx after the
 * bytes went out) starts `find`; any other ToolError means that upstream rejected it, and the same key may try again.
 * Bugs count as unknown. A crash between `send` and its response is the same as a lost response: the next call with the
 * key runs the tool's `run` again, finished effects are answered from the ledger, and the open one is searched for,
 * never sent again.
 */
export interface Effect<Result> {
  /** Unique within the call and the same on every attempt: "create", "part 2". */
  readonly name: string;
  /** What the ledger stores and reads back, as JSON: ids only. */
  readonly result: z.ZodType<Result>;
  /**
   * @param mark 16 hex digits to embed in what is created, so that `find` can find it; the same for every call with the
   * same key. Contract: once started, it ignores the call's signal, so it needs its own time limit.
   */
  readonly send: (mark: string) => Promise<Result>;
  /**
   * Searches upstream for the mark. `undefined`: not found (yet). 'repeatable': doing it twice has the same effect as
   * once (setting a field), so it is sent again instead.
   */
  readonly find: ((trace: Trace) => Promise<Result | undefined>) | 'repeatable';
  /** How long to keep calling `find`. Default: 5 s. */
  readonly patienceMs?: number;
  /** Tells the person where to check when it cannot be found. */
  readonly whereToLook: string;
}

/** What is known about a send whose response was lost. */
export interface Trace {
  readonly mark: string;
  /** When the send started, by this machine's clock. */
  readonly since: Date;
  readonly signal: AbortSignal;
}

export type PerformEffect = <Result>(effect: Effect<Result>) => Promise<Result>;
