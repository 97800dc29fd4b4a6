import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long upstream systems asked us to wait (`Retry-After`), for each account and what is limited there. */
export interface Pauses {
  /** @returns milliseconds until these may be asked again; 0 for now. */
  readonly left: (...buckets: readonly string[]) => number;
  readonly start: (bucket: string, ms: number) => void;
}

/** Of a server for one person, whose next call may try again at once. */
export const noPauses: Pauses = { left: () => 0, start: () => undefined };

/** A system that asks for more is asked again after this, because its limit may have been lifted. */
export const longestPauseMs = 3_600_000;
const maxKept = 10_000;

export interface KeptPauses extends Pauses {
  /** @param digest of a bucket, as `digestOf` makes it. */
  readonly keep: (digest: string, ms: number) => void;
}

/** In this process. Buckets are hashed, because they contain credentials. */
export function createPauses(): KeptPauses {
  const until = new Map<string, number>();
  const keep: KeptPauses['keep'] = (digest, ms) => {
    const end = performance.now() + Math.min(ms, longestPauseMs);
    if (end <= (until.get(digest) ?? 0)) return;
    const [oldest] = until.keys();
    if (until.size >= maxKept && oldest !== undefined) until.delete(oldest);
    until.set(digest, end);
  };
  return {
    keep,
    start: (bucket, ms) => keep(digestOf(bucket), ms),
    left: (...buckets) => {
      if (until.size === 0) return 0;
      const now = performance.now();
      let longest = 0;
      for (const bucket of buckets) {
        const digest = digestOf(bucket);
        const left = (until.get(digest) ?? now) - now;
        if (left <= 0) until.delete(digest);
        longest = Math.max(longest, left);
      }
      return Math.ceil(longest);
    },
  };
}

export function digestOf(bucket: string): string {
  return createHash('sha256').update(bucket).digest('hex');
}

/** Everybody who waited would ask again in the same millisecond. */
export function waitOut(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms + Math.random() * Math.min(ms / 4, 1_000), undefined, { signal });
}
