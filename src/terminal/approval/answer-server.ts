import { describeField, readField } from '../../agent/server-form.ts';
import type { FieldValue, FormField, FormQuestion, ServerQuestion, ServerReply } from '../../agent/server-question.ts';
import { printable, printableLine } from '../text-layout.ts';
import { readAnswer, type Question } from './ask-approval.ts';

/** Asks the user a third-party server's question in the terminal. Contract: rejects only when `signal` aborts. */
export async function answerServer(
  asked: ServerQuestion,
  signal: AbortSignal,
  question: Question,
): Promise<ServerReply> {
  const { screen } = question;
  signal.throwIfAborted();
  screen.setStatus(undefined);
  screen.endAnswer();
  screen.note(screen.paint('bold', printableLine(`? ${asked.server} asks:`)), ...printable(asked.message).split('\n'));
  if (asked.kind === 'form') return answerForm(asked, signal, question);
  screen.note(`Host: ${printableLine(asked.host)}`, printableLine(asked.url));
  const word = await choose(
    'Did you open this address in a browser?',
    'y yes · n decline · c cancel',
    signal,
    question,
  );
  return { action: word };
}

async function answerForm(asked: FormQuestion, signal: AbortSignal, question: Question): Promise<ServerReply> {
  const { screen } = question;
  for (const field of asked.fields) screen.note(`  ${printableLine(describeLine(field))}`);
  screen.note('Do not enter passwords or tokens: the server receives what you type.');
  const wanted = await choose('Answer?', 'y fill in · n decline · c cancel', signal, question);
  if (wanted !== 'accept') return { action: wanted };
  const content: Record<string, FieldValue> = {};
  for (const field of asked.fields) {
    const value = await askField(field, signal, question);
    if (value === 'ended') return { action: 'cancel' };
    if (value.kind === 'value') content[field.name] = value.value;
  }
  const send = await choose(
    `Send this to ${printableLine(asked.server)}?`,
    'y send · n decline · c cancel',
    signal,
    question,
  );
  return send === 'accept' ? { action: 'accept', content } : { action: send };
}

async function askField(field: FormField, signal: AbortSignal, question: Question) {
  for (;;) {
    const prompt = `${printableLine(field.title)} ${question.screen.paint('dim', printableLine(describeField(field)))} › `;
    const typed = await readAnswer(prompt, signal, question, printableLine(field.initial));
    if (typed === undefined) return 'ended';
    const read = readField(field, typed);
    if (read.kind !== 'wrong') return read;
    question.screen.note(printableLine(read.message));
  }
}

async function choose(
  what: string,
  choices: string,
  signal: AbortSignal,
  question: Question,
): Promise<ServerReply['action']> {
  const { screen } = question;
  const prompt = `${screen.paint('bold', what)} ${screen.paint('dim', choices)} › `;
  for (;;) {
    const answer = await readAnswer(prompt, signal, question);
    if (answer === undefined) return 'cancel';
    switch (answer.trim().toLowerCase()) {
      case 'y':
      case 'yes':
        return 'accept';
      case 'n':
      case 'no':
        return 'decline';
      case 'c':
        return 'cancel';
      default:
        screen.note('Answer with one of the letters. Press Ctrl-C to cancel the run.');
    }
  }
}

function describeLine(field: FormField): string {
  const rest = [describeField(field), field.description].filter((part) => part !== '').join('. ');
  return rest === '' ? field.title : `${field.title}: ${rest}`;
}
