import { l10n } from 'vscode';
import type { RunEvent } from '../../agent/events.ts';
import type { Conversation, Task } from '../chat/conversation.ts';
import { term } from '../texts.ts';

/** What another view of VS Code shows of a run in the panel. */
export interface RunListener {
  readonly text: (text: string) => void;
  readonly progress: (title: string) => void;
  /** A write waits for the user, in the panel. */
  readonly approval: (title: string, destination: string | undefined) => void;
  readonly link: (link: { readonly label: string; readonly url: string }) => void;
}

interface Signal {
  readonly isCancellationRequested: boolean;
  readonly onCancellationRequested: (listener: () => void) => { readonly dispose: () => void };
}

export type Finished = Pick<Extract<RunEvent, { type: 'run-finished' }>, 'reason' | 'message'>;

/**
 * Runs the task in the panel, where its approvals are asked for, and tells the listener what happens. Only one run at
 * a time: another view does not wait behind it.
 */
export async function followRun(
  chat: Pick<Conversation, 'run' | 'stop' | 'isRunning' | 'onEvent' | 'state'>,
  task: Task,
  listener: RunListener,
  signal: Signal,
): Promise<Finished> {
  if (signal.isCancellationRequested) return { reason: 'cancelled', message: l10n.t('Cancelled.') };
  if (chat.isRunning)
    return { reason: 'failed', message: l10n.t('A run is in progress. Stop it or wait for it to finish.') };
  let finished: Finished | undefined;
  const lines = createLines(listener.text);
  const events = chat.onEvent((event) => {
    tell(event, listener, lines);
    if (event.type === 'run-finished') finished = event;
  });
  const cancel = signal.onCancellationRequested(() => chat.stop());
  try {
    await chat.run(task);
  } finally {
    events.dispose();
    cancel.dispose();
    lines.end();
  }
  const end = chat.state.runs.at(-1)?.end;
  return finished ?? end ?? { reason: 'failed', message: l10n.t('The run did not start.') };
}

function tell(event: RunEvent, listener: RunListener, lines: ReturnType<typeof createLines>): void {
  switch (event.type) {
    case 'text-delta':
      return lines.add(event.text);
    case 'turn-restarted':
      return lines.discard();
    case 'tool-call-proposed':
      lines.end();
      return listener.progress(term(event.title));
    case 'approval-requested':
      return listener.approval(term(event.tool.title), event.preview?.destination.name);
    case 'tool-call-finished':
      if (event.link !== undefined) listener.link(event.link);
      return;
    default:
  }
}

/** Whole lines, because a reference to evidence can come in two parts. Tables of evidence are only in the panel. */
function createLines(write: (text: string) => void) {
  let rest = '';
  const shown = (text: string): string =>
    text.replaceAll(/\{\{(E\d+)[^}]*\}\}/gu, (_, id: string) => l10n.t('{0} (in the Switchboard view)', id));
  return {
    add: (text: string): void => {
      rest += text;
      const end = rest.lastIndexOf('\n') + 1;
      if (end > 0) write(shown(rest.slice(0, end)));
      rest = rest.slice(end);
    },
    discard: (): void => {
      rest = '';
    },
    end: (): void => {
      if (rest !== '') write(`${shown(rest)}\n\n`);
      rest = '';
    },
  };
}
