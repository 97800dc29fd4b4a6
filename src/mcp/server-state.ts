import type { CallTimes } from './call-limit.ts';
import type { ServerLimits } from './server-specs.ts';

export type ServerState =
  | { readonly status: 'stopped' }
  | { readonly status: 'starting' }
  | {
      readonly status: 'ready';
      /** Undefined for a server on the network. */
      readonly pid: number | undefined;
      readonly tools: number;
      /** Tools that it lists and that are not offered, each with the reason. */
      readonly leftOut: readonly string[];
      /** Of the last health check, in milliseconds; undefined before the first. */
      readonly latencyMs: number | undefined;
      readonly restarts: number;
    }
  | { readonly status: 'restarting'; readonly reason: string; readonly restarts: number; readonly delayMs: number }
  | {
      readonly status: 'failed';
      /** One line for a person. */
      readonly reason: string;
      /**
       * `not_configured`: settings are missing or wrong. `unauthorized`: a person must sign in first. `unreachable`: it does
       * not start, does not stay up, or cannot be used.
       */
      readonly code: 'not_configured' | 'unauthorized' | 'unreachable';
    };

export interface SupervisorTimings extends CallTimes {
  readonly startMs: number;
  readonly healthMs: number;
  readonly pingMs: number;
  readonly endMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** So many ends within the window are a crash loop: the server is left alone until a person restarts it. */
  readonly crashLimit: number;
  readonly crashWindowMs: number;
}

export const defaultTimings: SupervisorTimings = {
  startMs: 30_000,
  idleMs: 90_000,
  totalMs: 600_000,
  settleMs: 2500,
  healthMs: 15_000,
  pingMs: 3000,
  // With settleMs before and the 500 ms of SIGTERM after it no child lives 5 s after an interruption. A server of ours with a
  // write under way uses all of it.
  endMs: 1600,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  crashLimit: 5,
  crashWindowMs: 60_000,
};

/** @param limits of one server, which stand above the usual times. */
export function withLimits(timings: SupervisorTimings, { startMs, callMs }: ServerLimits): SupervisorTimings {
  return {
    ...timings,
    ...(startMs !== undefined && { startMs }),
    ...(callMs !== undefined && { idleMs: callMs, totalMs: Math.max(callMs, timings.totalMs) }),
  };
}
