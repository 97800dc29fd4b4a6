/** The part of a stream that the views need. process.stdout and process.stderr have it. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export type Paint = (look: Look, text: string) => string;
