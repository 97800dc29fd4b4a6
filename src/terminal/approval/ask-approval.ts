import { createInterface } from 'node:readline/promises';
import type { ApprovalDecision, ApprovalRequest } from '../../agent/approval.ts';
import { approvalCard, rawLines } from './approval-card.ts';
import { editArguments, type EditText } from './edit-arguments.ts';
import type { Screen } from '../screen.ts';

export interface Question {
  /** A terminal. Without one, no one is asked. */
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly screen: Screen;
  /** Called on Ctrl-C while a question is open: in raw mode the terminal sends no signal. */
  readonly interrupt: () => void;
  /** Opens a long text in the person's editor. Undefined if none is set. */
  readonly editText: EditText | undefined;
}

/** Asks a person at the terminal. Contract: rejects only when `signal` aborts. */
export async function askOnTerminal(
  request: ApprovalRequest,
  signal: AbortSignal,
  question: Question,
): Promise<ApprovalDecision> {
  const { screen } = question;
  signal.throwIfAborted();
  screen.setStatus(undefined);
  screen.endAnswer();
  screen.note(...approvalCard(request, screen.width, screen.paint));
  for (;;) {
    const answer = await readAnswer(promptFor(request, screen), signal, question);
    const decision = await decide(answer, request, signal, question);
    if (decision !== undefined) return decision;
  }
}

function promptFor({ scopes }: ApprovalRequest, { paint }: Screen): string {
  const choices = ['y once'];
  if (scopes.includes('run')) choices.push('r this run');
  if (scopes.includes('always')) choices.push('a always here');
  choices.push('e edit', 'v exact bytes', 'n [reason]');
  return `${paint('bold', 'Send it?')} ${paint('dim', choices.join(' · '))} › `;
}

/** undefined: ask again. */
async function decide(
  answer: string | undefined,
  request: ApprovalRequest,
  signal: AbortSignal,
  question: Question,
): Promise<ApprovalDecision | undefined> {
  const { screen } = question;
  // The terminal is closed or its input has ended.
  if (answer === undefined) return { kind: 'deny', reason: 'No answer was given.' };
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(answer) ?? [];
  switch (word.toLowerCase()) {
    case 'y':
    case 'yes':
      return { kind: 'approve', scope: 'once' };
    case 'r':
      if (request.scopes.includes('run')) return { kind: 'approve', scope: 'run' };
      break;
    case 'a':
      if (request.scopes.includes('always')) return { kind: 'approve', scope: 'always' };
      break;
    case 'n':
    case 'no':
      return { kind: 'deny', reason: rest === '' ? undefined : rest };
    case 'v':
      screen.note(...rawLines(request));
      return undefined;
    case 'e': {
      const edited = await editArguments(request, {
        note: (line) => screen.note(line),
        read: (prompt, initial) => readAnswer(prompt, signal, question, initial),
        editText: question.editText,
      });
      if (edited !== undefined) return { kind: 'revise', arguments: edited };
      return undefined;
    }
    default:
      break;
  }
  screen.note('Please answer with one of the letters; Ctrl-C cancels the run.');
  return undefined;
}

/** @returns undefined when the input has ended. Rejects when `signal` aborts. */
export async function readAnswer(
  prompt: string,
  signal: AbortSignal,
  { input, output, interrupt }: Question,
  initial = '',
): Promise<string | undefined> {
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  const ended = new AbortController();
  const onClose = (): void => ended.abort(new Error('the input has ended'));
  lines.on('SIGINT', interrupt);
  lines.once('close', onClose);
  try {
    const answer = lines.question(prompt, { signal: AbortSignal.any([signal, ended.signal]) });
    if (initial !== '') lines.write(initial);
    return await answer;
  } catch (error) {
    signal.throwIfAborted();
    if (ended.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.off('close', onClose);
    lines.close();
  }
}
