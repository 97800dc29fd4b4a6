import type { Target } from './targets.ts';

/** Where a name in a text leads, and what is known of it. */
export interface Named {
  readonly target: Target;
  /** "Orders fail at checkout (In Progress)" */
  readonly hint: string;
}

/** What our own servers have named in this session. Only this becomes links, never what the model says of an address. */
export interface Names extends Pick<ReadonlyMap<string, Named>, 'get'> {
  /** Names of people, which have spaces in them. Undefined if none is known. */
  readonly people?: RegExp | undefined;
}
