import type { Connection } from './connection.ts';

/** How an attempt to reach a server came out. */
export type Opened =
  | { readonly kind: 'open'; readonly connection: Connection }
  | {
      readonly kind: 'not-open';
      /** For a person, one line. */
      readonly reason: string;
      /**
       * `settings`: another try with the same settings ends the same. `sign-in`: a person must sign in first. `start`: the
       * command cannot be run, does not answer, or offers what cannot be used.
       */
      readonly cause: 'settings' | 'sign-in' | 'start' | 'crash' | 'cancelled';
    };
