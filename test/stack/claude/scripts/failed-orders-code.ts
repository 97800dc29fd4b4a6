import type { Conversation, Exchange, Turn, TurnCall } from '../conversation.ts';
import { answerTo, callTo, once } from './script-kit.ts';

/** The places in the code that explain the rows, as far as the workspace shows them. */
export interface Cause {
  readonly code: string;
  /** The line that raises the code. */
  readonly raised: Place | undefined;
  /** The setting that decides when it is raised. */
  readonly setting: Place | undefined;
  /** The commit that last changed the setting. */
  readonly commit: string | undefined;
  /** The setting's line before that commit. */
  readonly before: string | undefined;
}

export interface Place {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Goes from the error code to the line that raises it, to the setting it reads, to the commit that changed the setting. */
export function traceCode(
  conversation: Conversation,
  code: string,
  plan: TurnCall | undefined,
): { turn: Turn | undefined; cause: Cause } {
  const search = callTo(conversation, 'search_workspace', { query: code });
  const raised = placesIn(answerTo(conversation, search)).find(({ text }) => /\bnew \w*Error\(/.test(text));
  const read = reading(conversation, raised);
  const settingName = /config\.[\w.]*?(\w+)\)/.exec(answerTo(conversation, read)?.text ?? '')?.[1];
  const find =
    settingName === undefined ? undefined : callTo(conversation, 'search_workspace', { query: `${settingName}:` });
  const setting = placesIn(answerTo(conversation, find))[0];
  const blame =
    setting === undefined
      ? undefined
      : callTo(conversation, 'get_git_history', {
          path: setting.path,
          start_line: setting.line,
          end_line: setting.line,
        });
  const commit = /\b[0-9a-f]{7,40}\b/.exec(answerTo(conversation, blame)?.text ?? '')?.[0];
  const show = commit === undefined ? undefined : callTo(conversation, 'get_git_history', { commit });
  const before =
    settingName === undefined
      ? undefined
      : new RegExp(`^-\\s+(${settingName}:.*?),?$`, 'm').exec(answerTo(conversation, show)?.text ?? '')?.[1];
  const turn =
    once(conversation, `Most of them say ${code}. I look for it in the open code.`, [
      search === undefined ? undefined : plan,
      search,
    ]) ??
    once(conversation, 'That is where it is raised. I read around it.', [read]) ??
    once(conversation, `What decides is \`${settingName}\`. Where is it set?`, [find]) ??
    once(conversation, 'Who changed that line last, and when?', [blame]) ??
    once(conversation, 'What else did that commit change?', [show]);
  return { turn, cause: { code, raised, setting, commit, before } };
}

/** The cause is above the line that raises the error: those lines say what it waits for. */
function reading(conversation: Conversation, raised: Place | undefined): TurnCall | undefined {
  if (raised === undefined) return undefined;
  return callTo(conversation, 'read_workspace_file', {
    path: raised.path,
    start_line: Math.max(1, raised.line - 15),
    end_line: raised.line + 5,
  });
}

/** Lines as `path:12: text`. */
function placesIn(exchange: Exchange | undefined): Place[] {
  return [...(exchange?.text ?? '').matchAll(/^([\w./-]+):(\d+):\s*(.*)$/gm)].map(
    ([, path = '', line = '', text = '']) => ({
      path,
      line: Number(line),
      text: text.trim().replace(/,$/, ''),
    }),
  );
}
