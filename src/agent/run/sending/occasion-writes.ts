import { occasionKey } from '../../../../servers/contract/occasion-key.ts';
import type { ClearedCall } from '../approved-calls.ts';

/** What a run is for, if it may be tried again: a scheduled time, an incident. */
export interface Occasion {
  readonly name: string;
  /**
   * Takes one of the uses that a grant allows for the occasion, in all its attempts. The same key takes one, however
   * often. False if none is left.
   */
  readonly take: (use: GrantUse) => Promise<boolean>;
}

export interface GrantUse {
  readonly grantId: string;
  readonly limit: number;
  /** The idempotency key of the write. */
  readonly key: string;
}

/** The writes of one attempt at an occasion. Their keys are the same in every attempt. */
export interface OccasionWrites {
  readonly take: Occasion['take'];
  /** The same for a call, until it is released. */
  readonly keyOf: (call: WriteOfOccasion) => string;
  /** The write was not made. The next one of the tool takes its place, as it would in another attempt. */
  readonly release: (call: WriteOfOccasion) => void;
}

type WriteOfOccasion = Pick<ClearedCall, 'callId' | 'tool'>;

/** @param earlier the writes that this run had been allowed before it was interrupted, without those that failed. */
export function createOccasionWrites(
  { name, take }: Occasion,
  earlier: readonly Pick<ClearedCall, 'callId' | 'tool'>[],
): OccasionWrites {
  /** For each tool, the call in each place. */
  const places = new Map<string, (string | undefined)[]>();
  const placeOf = ({ tool, callId }: WriteOfOccasion): number => {
    const taken = places.get(tool) ?? [];
    places.set(tool, taken);
    const known = taken.indexOf(callId);
    if (known !== -1) return known;
    const free = taken.indexOf(undefined);
    const place = free === -1 ? taken.length : free;
    taken[place] = callId;
    return place;
  };
  for (const call of earlier) placeOf(call);
  return {
    take,
    keyOf: (call) => occasionKey(name, call.tool, placeOf(call) + 1),
    release: ({ tool, callId }) => {
      const taken = places.get(tool) ?? [];
      const place = taken.indexOf(callId);
      if (place !== -1) taken[place] = undefined;
    },
  };
}
