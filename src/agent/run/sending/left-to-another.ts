import type { RunPorts } from '../ports.ts';

/** Another attempt makes the calls again. If their answers were kept, the model would see them as given up. */
export function isLeftToAnother({ signal, occasion }: Pick<RunPorts, 'signal' | 'occasion'>): boolean {
  return signal.aborted && occasion !== undefined;
}
