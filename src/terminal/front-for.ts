import process from 'node:process';
import { renderJson } from './render-json.ts';
import { createTextFront, type TextFront } from './text-front.ts';

export interface Front extends Pick<TextFront, 'render' | 'ask' | 'askForServer'> {
  /** A printable line that is not a run event. */
  readonly note: (line: string) => void;
}

export function frontFor(output: 'text' | 'json', interrupt: () => void): Front {
  const { stdin, stdout, stderr, env } = process;
  if (output === 'json') {
    const note = (line: string): void => void stderr.write(`switchboard: ${line}\n`);
    return { render: (events) => renderJson(events, stdout), ask: undefined, askForServer: undefined, note };
  }
  const front = createTextFront({ stdin, stdout, stderr, variables: env, interrupt });
  return { ...front, note: (line) => front.screen.note(`! ${line}`) };
}
