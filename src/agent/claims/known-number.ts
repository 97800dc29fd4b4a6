export interface KnownNumber {
  readonly value: number;
  /**
   * Durations are in seconds and sizes in bytes. `loose`: an id, or a cell among so many that one of them equals any
   * small number; it supports a specific figure, never a count. `prose`: someone wrote it in a text; it supports
   * figures that are named or quoted only, because a sentence in a ticket is not a measurement.
   */
  readonly unit: 'plain' | 'percent' | 'points' | 'seconds' | 'bytes' | 'loose' | 'prose';
  readonly source: Source;
  /** Its unit is known, and the value in seconds is listed as well: 8012 ms is never 8012 s. */
  readonly measured?: true;
  /** A figure derived from two others supports only matching words: `12 more`, `12 in all`. */
  readonly as?: Derivation;
}

export type Derivation = 'difference' | 'sum' | 'ratio' | 'average';

/** Where a value comes from. `evidence` is an id; without one, `label` names the origin: the prompt, a parameter. */
export interface Source {
  readonly evidence?: string;
  /** `E1[0].failed_count`, `E1[0].n / E1 total of n`, `the prompt`. */
  readonly label: string;
}
