export interface HeldNumber {
  readonly value: number;
  /**
   * In seconds where the value is known to be a duration, in bytes where it is a size. `loose`: an id, or a cell among
   * so many that one of them equals any small number; it holds what is specific, never a count. `prose`: somebody wrote
   * it in a text; it holds what is named or quoted, for a sentence in a ticket measures nothing.
   */
  readonly unit: 'plain' | 'percent' | 'points' | 'seconds' | 'bytes' | 'loose' | 'prose';
  readonly source: Source;
  /** It is known what it is measured in, and that stands beside it in seconds: 8012 ms are never 8012 s. */
  readonly measured?: true;
  /** Figures that follow from two others hold only what the text says they are: `12 more`, `12 in all`. */
  readonly as?: Derivation;
}

export type Derivation = 'difference' | 'sum' | 'ratio' | 'average';

/** Where a value comes from. `evidence` is an id; without it the words say: the prompt, a runbook parameter. */
export interface Source {
  readonly evidence?: string;
  /** `E1[0].failed_count`, `E1[0].n / E1 total of n`, `the prompt`. */
  readonly label: string;
}
