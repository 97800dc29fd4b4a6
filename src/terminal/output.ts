/** As much of a stream as the front needs; process.stdout and process.stderr are such. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export type Paint = (look: Look, text: string) => string;
