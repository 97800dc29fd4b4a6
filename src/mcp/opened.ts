import type { Connection } from './connection.ts';

/** The outcome of an attempt to connect to a server. */
export type Opened =
  | { readonly kind: 'open'; readonly connection: Connection }
  | {
      readonly kind: 'not-open';
      /** One line for the user. */
      readonly reason: string;
      /**
       * `settings`: retrying with the same settings cannot help. `sign-in`: the user must sign in first. `start`: the
       * command cannot be run, does not respond, or offers nothing usable.
       */
      readonly cause: 'settings' | 'sign-in' | 'start' | 'crash' | 'cancelled';
    };
