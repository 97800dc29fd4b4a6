import type { Preview } from '../../../../servers/contract/preview.ts';
import { createEvidenceStore, type EvidenceStore } from '../../evidence/store.ts';
import type { Evidence } from '../../evidence/types.ts';
import type { Arguments, ToolSpec } from '../../tools.ts';

/** A write that was previewed and has not run: what its result will hold, with stand-ins for what only the system gives. */
export interface PendingResult {
  readonly callId: string;
  readonly spec: ToolSpec;
  readonly arguments: Arguments;
  /** The evidence that it will become, if everything before it succeeds. */
  readonly evidenceId: string;
  readonly willGive: Readonly<Record<string, string>>;
}

/** The results so far and those still to come, so that a later write can be shown before an earlier one is done. */
export function withPending(store: EvidenceStore, pending: readonly PendingResult[]): EvidenceStore {
  const coming = new Map(pending.map((result) => [result.evidenceId, standInFor(result)]));
  return {
    ...store,
    get: (id) => store.get(id) ?? coming.get(id),
    list: () => [...store.list(), ...[...coming.values()].filter(({ id }) => store.get(id) === undefined)],
  };
}

function standInFor({ spec, arguments: input, evidenceId: id, willGive }: PendingResult): Evidence {
  const outcome = { kind: 'result', text: '', structured: willGive } as const;
  return { ...createEvidenceStore().add({ tool: spec, arguments: input, time: '', outcome }), id };
}

/** What a person is told of each stand-in that the arguments contain. */
export function standInNotes(input: Arguments, pending: readonly PendingResult[]): readonly string[] {
  const text = JSON.stringify(input);
  return pending.flatMap(({ spec, willGive }) =>
    Object.values(willGive)
      .filter((standIn) => !URL.canParse(standIn) && text.includes(standIn))
      .map((standIn) => `${standIn} stands for what “${spec.title}” will give. It is filled in when this is sent.`),
  );
}

/** Whether a result is what its stand-in stood for: the same text, with a number in place of `NEW`. */
export function fits({ willGive }: PendingResult, value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(willGive).every(([name, standIn]) => {
    const [before = '', after = '', ...more] = standIn.split('NEW');
    const given = value[name];
    if (typeof given !== 'string' || more.length > 0) return false;
    const inner = given.slice(before.length, given.length - after.length);
    return given.startsWith(before) && given.endsWith(after) && /^\d{1,12}$/.test(inner);
  });
}

/** Whether two previews differ in nothing but what was filled in, and say nothing new. */
export function isFilledIn(
  shown: Preview,
  filled: Preview,
  pending: readonly PendingResult[],
  values: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): boolean {
  const pairs = pending.flatMap(({ evidenceId, willGive }) =>
    Object.entries(willGive).map(([name, standIn]) => [String(values.get(evidenceId)?.[name]), standIn] as const),
  );
  // Longest first: an address contains its key.
  const ordered = pairs.toSorted(([a], [b]) => b.length - a.length);
  const standing = (text: string): string =>
    ordered.reduce((all, [value, standIn]) => all.replaceAll(value, standIn), text);
  const bound = ({ destination, raw, linkHosts, mentions, warnings, duplicates, personalData = [] }: Preview): string =>
    standing(JSON.stringify({ destination, raw, linkHosts, mentions, warnings, duplicates, personalData }));
  return bound(shown) === bound(filled);
}
