import type { CallTimes } from './call-limit.ts';
import type { ServerLimits } from './server-specs.ts';

export type ServerState =
  | { readonly status: 'stopped' }
  | { readonly status: 'starting' }
  | {
      readonly status: 'ready';
      /** Undefined for a remote server. */
      readonly pid: number | undefined;
      /** Who we are to a remote server of ours, as it verified. */
      readonly caller: string | undefined;
      readonly tools: number;
      /** Listed tools that are not offered, each with the reason. */
      readonly leftOut: readonly string[];
      /** Latency of the last health check in milliseconds; undefined before the first. */
      readonly latencyMs: number | undefined;
      readonly restarts: number;
    }
  | { readonly status: 'restarting'; readonly reason: string; readonly restarts: number; readonly delayMs: number }
  | {
      readonly status: 'failed';
      /** One line for the user. */
      readonly reason: string;
      /**
       * `not_configured`: settings are missing or invalid. `unauthorized`: the user must sign in first. `unreachable`:
       * it does not start, does not stay up, or cannot be used.
       */
      readonly code: 'not_configured' | 'unauthorized' | 'unreachable';
    };

/** An attempt to connect that failed. */
export interface NotOpen {
  readonly kind: 'not-open';
  /** One line for the user. */
  readonly reason: string;
  /**
   * `settings`: retrying with the same settings cannot help. `sign-in`: the user must sign in first. `start`: the
   * command cannot be run, does not respond, or offers nothing usable. `away`: a remote server that cannot be reached
   * now.
   */
  readonly cause: 'settings' | 'sign-in' | 'start' | 'crash' | 'away' | 'cancelled';
  /** Of a process that ended by itself. */
  readonly exitCode?: number | undefined;
}

export interface SupervisorTimings extends CallTimes {
  readonly startMs: number;
  readonly healthMs: number;
  readonly pingMs: number;
  readonly endMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** This many exits within the window are a crash loop. The server then stays down until the user restarts it. */
  readonly crashLimit: number;
  readonly crashWindowMs: number;
  /** How long a write whose answer was lost waits for a remote server to return, to learn what became of it. */
  readonly repeatMs: number;
}

export const defaultTimings: SupervisorTimings = {
  startMs: 30_000,
  idleMs: 90_000,
  totalMs: 600_000,
  settleMs: 2500,
  healthMs: 15_000,
  pingMs: 3000,
  // Together with settleMs before it and the 500 ms of SIGTERM after it, no child lives longer than 5 s after an
  // interruption. Our servers use all of it when a write is in progress.
  endMs: 1600,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  crashLimit: 5,
  crashWindowMs: 60_000,
  repeatMs: 15_000,
};

/** @param limits of one server, which override the defaults. */
export function withLimits(timings: SupervisorTimings, { startMs, callMs }: ServerLimits): SupervisorTimings {
  return {
    ...timings,
    ...(startMs !== undefined && { startMs }),
    ...(callMs !== undefined && { idleMs: callMs, totalMs: Math.max(callMs, timings.totalMs) }),
  };
}
