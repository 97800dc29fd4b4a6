import type { BindResult, BoundRunbook } from '../../agent/runbook/runbook.ts';
import type { OccasionRow, OccasionStore } from '../state/occasion-store.ts';
import type { MappedRun } from './map-incident.ts';
import type { Triggers } from './triggers-file.ts';

export interface RunToStart extends MappedRun {
  /** Who or what asked. */
  readonly source: string;
  readonly acceptGrants: boolean;
  /** Where the end is told. */
  readonly reply?: string | undefined;
}

export type Started =
  | { readonly kind: 'queued' | 'known'; readonly id: string; readonly state: OccasionRow['state'] }
  | { readonly kind: 'limited' }
  | { readonly kind: 'invalid'; readonly message: string };

export type StartRun = (run: RunToStart) => Promise<Started>;

export interface StartPorts {
  readonly store: OccasionStore;
  readonly limits: Triggers['limits'];
  /** The runbook with these parameters. */
  readonly bind: (runbook: string, parameters: MappedRun['parameters']) => Promise<BindResult>;
  readonly enqueue: (row: OccasionRow) => Promise<void>;
}

/** Adds a run to the queue, once for its occasion. */
export function createStartRun({ store, limits, bind, enqueue }: StartPorts): StartRun {
  return async ({ runbook, parameters, fromOthers, occasion: name, parts, source, acceptGrants, reply }) => {
    const bound = await bind(runbook, parameters);
    if (bound.kind === 'invalid') return { kind: 'invalid', message: bound.problems.join(' ') };
    const open = acceptGrants ? openPlace(bound.bound, fromOthers) : undefined;
    if (open !== undefined)
      return {
        kind: 'invalid',
        message: `The incident gives the parameter '${open}', which says where the runbook may write: it needs 'values' or a 'pattern'.`,
      };
    const lasting =
      parts === undefined ? undefined : await store.findByParts({ runbook, prefix: groupOf(name), parts });
    const known = lasting ?? (await store.findByName(name));
    const perHour = limits[runbook]?.per_hour;
    if (known === undefined && perHour !== undefined && (await store.countLastHour(runbook)) >= perHour)
      return { kind: 'limited' };
    const options = { fromOthers, acceptGrants, ...(parts !== undefined && { parts }) };
    const { row, isNew } =
      lasting === undefined
        ? await store.add({ name, runbook, parameters, source, reply, options })
        : { row: lasting, isNew: false };
    // Again for one that waits: whoever added it may have died before it was in the queue.
    if (row.state === 'queued') await enqueue(row);
    return { kind: isNew ? 'queued' : 'known', id: row.id, state: row.state };
  };
}

/** Trigger and runbook. */
function groupOf(name: string): string {
  return `${name.split('/').slice(0, 2).join('/')}/`;
}

/** A parameter of a grant that is whatever others write. Nobody is asked about what is granted. */
function openPlace(
  { runbook: { grants, parameters } }: BoundRunbook,
  fromOthers: readonly string[],
): string | undefined {
  const where = JSON.stringify(grants.map((grant) => grant.where ?? {}));
  return fromOthers.find((name) => {
    const { values, pattern } = parameters[name] ?? {};
    return values === undefined && pattern === undefined && where.includes(`\${${name}}`);
  });
}
