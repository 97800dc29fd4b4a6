import type { ApprovalDecision, ApprovalRequest, Ask } from '../agent/approval.ts';
import type { AskForServer } from '../agent/server-question.ts';
import type { RunEvent } from '../agent/events.ts';
import { answerServer } from './approval/answer-server.ts';
import { askOnTerminal, type Question } from './approval/ask-approval.ts';
import { renderText } from './render-text.ts';
import { Screen, type ScreenOptions } from './screen.ts';
import { createTextEditor } from './approval/text-editor.ts';

export interface TextFrontOptions extends ScreenOptions {
  /** The source of answers. Only a terminal can be asked. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  readonly stderr: NodeJS.WritableStream & ScreenOptions['stderr'];
  /** Called on Ctrl-C while a question is open. */
  readonly interrupt: () => void;
}

export interface TextFront {
  /** Shows a run. Resolves with its end when the events end. */
  readonly render: (
    events: AsyncIterable<RunEvent>,
  ) => Promise<Extract<RunEvent, { type: 'run-finished' }> | undefined>;
  /** undefined if no one can be asked because stdin or stderr is not a terminal. */
  readonly ask: Ask | undefined;
  /** Asks a server's question; undefined if nobody can be asked. */
  readonly askForServer: AskForServer | undefined;
  readonly screen: Screen;
}

interface Waiting {
  readonly request: ApprovalRequest;
  readonly signal: AbortSignal;
  readonly settle: (decision: Promise<ApprovalDecision>) => void;
}

/**
 * The headless view. Events arrive through a queue and questions by a call. A question is asked when the transcript
 * reaches it, so that everything before it is above it and nothing is written while it is open.
 */
export function createTextFront(options: TextFrontOptions): TextFront {
  const screen = new Screen(options);
  const question: Question = {
    input: options.stdin,
    output: options.stderr,
    screen,
    interrupt: options.interrupt,
    editText: createTextEditor(options.variables, (line) => screen.note(line)),
  };
  const waiting = new Map<string, Waiting>();
  const reached = new Set<string>();
  let open: Promise<unknown> = Promise.resolve();
  /** One question at a time has the keyboard. */
  const inTurn = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const answer = open.then(ask);
    open = answer.catch(() => {}); // the asker is told
    return answer;
  };
  const put = async ({ request, signal, settle }: Waiting): Promise<void> => {
    const decision = inTurn(() => askOnTerminal(request, signal, question));
    settle(decision);
    await decision.catch(() => {}); // the caller gets the error
  };
  const canAsk = options.stdin.isTTY === true && options.stderr.isTTY === true;
  return {
    screen,
    render: (events) =>
      renderText(events, screen, async ({ id }) => {
        reached.add(id);
        const asked = waiting.get(id);
        if (asked !== undefined) await put(asked);
      }),
    ask: canAsk
      ? (request, signal) =>
          new Promise((resolve) => {
            const asked = { request, signal, settle: resolve };
            waiting.set(request.id, asked);
            if (reached.has(request.id)) void put(asked);
          })
      : undefined,
    askForServer: canAsk ? (asked, signal) => inTurn(() => answerServer(asked, signal, question)) : undefined,
  };
}
