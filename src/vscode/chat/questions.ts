import { randomUUID } from 'node:crypto';
import { describeField, readForm } from '../../agent/server-form.ts';
import type { AskForServer, ServerQuestion, ServerReply } from '../../agent/server-question.ts';
import type { ChatEvent, QuestionView } from '../../chat/chat-state.ts';
import type { WebviewMessage } from '../../chat/messages.ts';

type Answer = Extract<WebviewMessage, { type: 'answer-question' }>;

/** Questions from third-party servers that are waiting for an answer. */
export interface Questions {
  readonly ask: AskForServer;
  /** False if no such question is waiting. A form that is not filled in right stays, and says why. */
  readonly answer: (message: Answer) => Promise<boolean>;
}

export interface QuestionsOptions {
  /** Shows the card, or takes it away. */
  readonly push: (event: Extract<ChatEvent, { type: 'server-asked' | 'server-answered' }>) => void;
  readonly onAsked: (question: ServerQuestion) => void;
  /** Opens a web page. False if the user did not want that after all. */
  readonly open: (url: string) => Promise<boolean>;
}

interface Waiting {
  readonly question: ServerQuestion;
  readonly settle: (reply: ServerReply) => void;
}

export function createQuestions({ push, onAsked, open }: QuestionsOptions): Questions {
  const waiting = new Map<string, Waiting>();
  return {
    ask: (question, signal) =>
      new Promise((resolve) => {
        const id = randomUUID();
        const settle = (reply: ServerReply): void => {
          signal.removeEventListener('abort', cancel);
          if (waiting.delete(id)) push({ type: 'server-answered', id });
          resolve(reply);
        };
        const cancel = (): void => settle({ action: 'cancel' });
        if (signal.aborted) return cancel();
        signal.addEventListener('abort', cancel, { once: true });
        waiting.set(id, { question, settle });
        push({ type: 'server-asked', question: viewOf(id, question, undefined) });
        onAsked(question);
      }),
    answer: async ({ id, action, typed = {} }) => {
      const asked = waiting.get(id);
      if (asked === undefined) return false;
      const { question, settle } = asked;
      if (action !== 'accept') settle({ action });
      else if (question.kind === 'url') settle({ action: (await open(question.url)) ? 'accept' : 'cancel' });
      else {
        const read = readForm(question.fields, typed);
        if ('content' in read) settle({ action, content: read.content });
        else push({ type: 'server-asked', question: viewOf(id, question, read.wrong) });
      }
      return true;
    },
  };
}

function viewOf(id: string, question: ServerQuestion, problem: string | undefined): QuestionView {
  if (question.kind === 'url') return { ...question, id, problem };
  const fields = question.fields.map((field) => ({ ...field, hint: describeField(field) }));
  return { ...question, id, problem, fields };
}
