import type { PlanDetail } from '../../chat/evidence-details.ts';
import { count } from '../format/quantity.ts';
import { plural, t } from '../l10n.ts';

type Step = PlanDetail['steps'][number];

/** What each kind of step does, by the beginning of its name. The first that fits. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^(?:Parallel )?Seq Scan/u, t('Reads the whole table.')],
  [/^(?:Parallel )?Index Only Scan/u, t('Finds the rows in an index, which has all that is needed.')],
  [/^(?:Parallel )?Index Scan/u, t('Finds the rows by an index.')],
  [/^(?:Parallel )?Bitmap Heap Scan/u, t('Reads the places that an index has found.')],
  [/^Bitmap (?:Index Scan|And|Or)/u, t('Collects places from an index.')],
  [/^Nested Loop/u, t('For each row of the first step below, runs the second.')],
  [/^(?:Parallel )?Hash Join/u, t('Joins by a lookup table of the second step below.')],
  [/^Merge Join/u, t('Joins two inputs that are sorted alike.')],
  [/^(?:Parallel )?Hash\b/u, t('Builds the lookup table of a join.')],
  [/^(?:Incremental )?Sort/u, t('Sorts all rows.')],
  [/^(?:Hash|Group|Mixed)?Aggregate|^Aggregate/u, t('Groups or counts.')],
  [/^Limit/u, t('Stops after enough rows.')],
  [/^Gather/u, t('Collects the rows of parallel workers.')],
  [/^(?:Materialize|Memoize)/u, t('Keeps rows to use them again.')],
  [/^Append|^Merge Append/u, t('One input after the other.')],
  [/^(?:CTE|Subquery) Scan/u, t('Reads the result of a subquery.')],
  [/^Unique/u, t('Drops rows that occur twice.')],
  [/^WindowAgg/u, t('Computes window functions.')],
];

export function meaningOf({ what }: Step): string {
  return meanings.find(([begins]) => begins.test(what))?.[1] ?? '';
}

/** How far the planner was off, if it matters. Plans are chosen by these estimates. */
export function estimateError({ rows, estimated_rows: estimated }: Step): string | undefined {
  if (rows === undefined || Math.max(rows, estimated) < 100) return undefined;
  const factor = Math.max(rows, 1) / Math.max(estimated, 1);
  if (factor > 0.1 && factor < 10) return undefined;
  return factor > 1
    ? t(
        '{0} times more rows than estimated: statistics may be outdated (ANALYZE), or columns depend on each other.',
        Math.round(factor),
      )
    : t(
        '{0} times fewer rows than estimated: statistics may be outdated (ANALYZE), or columns depend on each other.',
        Math.round(1 / factor),
      );
}

const blockBytes = 8192;

/** Rows, estimate against truth, and what was read. */
export function factsOf(step: Step): string {
  const {
    rows,
    estimated_rows: estimated,
    loops,
    discarded_rows: discarded,
    hit_blocks: hit,
    read_blocks: read,
  } = step;
  const facts = [
    rows === undefined
      ? plural(Math.round(estimated), 'about {0} row', 'about {0} rows')
      : plural(Math.round(rows), '{0} row (estimated {1})', '{0} rows (estimated {1})', Math.round(estimated)),
  ];
  if (loops !== undefined && loops > 1) facts.push(t('{0} times', loops));
  if (discarded !== undefined && discarded > 0) facts.push(t('{0} discarded', Math.round(discarded)));
  if (hit !== undefined && hit > 0) facts.push(t('{0} from memory', size(hit)));
  if (read !== undefined && read > 0) facts.push(t('{0} from disk', size(read)));
  return facts.join(', ');
}

function size(blocks: number): string {
  const kilobytes = (blocks * blockBytes) / 1024;
  return kilobytes < 1024 ? `${count(kilobytes)} kB` : `${count(Math.round(kilobytes / 102.4) / 10)} MB`;
}

/** Its part of the whole, between 0 and 1: of the time if it was measured, else of the estimated cost. */
export function shareOf(plan: PlanDetail, index: number): number {
  const step = plan.steps[index];
  if (step === undefined) return 0;
  if (step.own_ms !== undefined) return within(step.own_ms / Math.max(plan.execution_ms ?? 0, step.own_ms, 0.001));
  const end = plan.steps.findIndex(({ depth }, at) => at > index && depth <= step.depth);
  const below = plan.steps
    .slice(index + 1, end === -1 ? undefined : end)
    .filter(({ depth }) => depth === step.depth + 1);
  return within((step.cost - below.reduce((sum, { cost }) => sum + cost, 0)) / Math.max(plan.total_cost, 0.001));
}

function within(share: number): number {
  return Math.max(0, Math.min(1, share));
}
