import type { Conversation, Script, Turn } from '../conversation.ts';
import { answerTo, callTo, complaintOf, exchangeOf, once } from './script-kit.ts';

/** A question in the chat: looks at the tables, counts what the question names, and says so. */
export const answerQuestion: Script = (conversation) => {
  const tables = callTo(conversation, 'list_tables', {});
  const listed = once(conversation, 'I am a stand-in for Claude, a script. I look at what there is.', [tables]);
  if (listed !== undefined) return listed;
  const table = tableAskedFor(conversation, answerTo(conversation, tables)?.text ?? '');
  if (table === undefined) return { text: whatIsOffered(conversation) };
  const query = callTo(conversation, 'query_database', { query: `SELECT count(*) AS rows FROM ${table}` });
  const asked = once(conversation, `You ask about ${table}. I count.`, [query]);
  if (asked !== undefined) return asked;
  const exchange = exchangeOf(conversation, query);
  if (exchange === undefined) return { text: 'The database is not connected.' };
  return answer(
    exchange.isError ? `I could not count: ${complaintOf(exchange)}` : `The count is in ${exchange.evidence}.`,
  );
};

function tableAskedFor({ prompt }: Conversation, tables: string): string | undefined {
  const words = prompt.toLowerCase().match(/[a-z_]{4,}/g) ?? [];
  return words.find((word) => new RegExp(`\\b${word}\\b`).test(tables));
}

function whatIsOffered({ tools }: Conversation): string {
  return `I am a stand-in for Claude, a script: I can run *Investigate Failed Orders*, file a bug from a selection, and count the rows of a table that you name. I am offered ${tools.length} tools.`;
}

function answer(text: string): Turn {
  return { text: `${text} (From the stand-in for Claude.)` };
}
