import type { Message, UserBlock } from '../model/model.ts';
import { shortWords, sizeOf, type CompactOptions } from './shorten.ts';

const removedMark = '[Earlier messages were removed to save space. What the person wrote in them:]';
const answersMark = '[Your answers in them, shortened:]';
const resultsMark = '[Results in them, which read_evidence can still read:]';

const mostPrompts = 30;
const longestPrompt = 600;
/** For the newest prompt, which may be what the run is about. */
const longestLastPrompt = 8000;
const mostAnswers = 10;
const longestAnswer = 600;

interface Removed {
  readonly messages: readonly Message[];
  /** Number of tool results removed. */
  readonly results: number;
}

/**
 * Removes the oldest messages until half of the allowed size is left, and replaces them with one: prompts, the
 * beginnings of answers, and the results that can still be read. undefined if all messages may stay.
 */
export function removeOldest(messages: readonly Message[], options: CompactOptions): Removed | undefined {
  if (sizeOf(messages) <= options.longestRest) return undefined;
  // The rest starts with an answer, so that no tool result loses its call.
  const cuts = messages.flatMap(({ role }, index) => (role === 'assistant' && index > 1 ? [index] : []));
  const cut = cuts.find((index) => sizeOf(messages.slice(index)) <= options.longestRest / 2) ?? cuts.at(-1);
  if (cut === undefined) return undefined;
  const gone = messages.slice(0, cut);
  const results = gone.flatMap(({ content }) => content.filter(({ type }) => type === 'tool-result')).length;
  const digest: Message = { role: 'user', content: digestOf(gone, options).map((text) => ({ type: 'text', text })) };
  return { messages: [digest, ...messages.slice(cut)], results };
}

/** Whether the host wrote this text to replace removed messages. It is not the person's. */
export function isDigest(text: string): boolean {
  return [removedMark, answersMark, resultsMark].some((mark) => text.startsWith(mark));
}

function digestOf(gone: readonly Message[], { isStored }: CompactOptions): readonly string[] {
  const texts = gone.flatMap((message) => (message.role === 'user' ? message.content.filter(isText) : []));
  const prompts = texts.map(({ text }) => text).filter((text) => !isDigest(text));
  const earlier = (mark: string): readonly string[] =>
    texts.flatMap(({ text }) => (text.startsWith(mark) ? text.split('\n- ').slice(1) : []));
  const answers = [...earlier(answersMark), ...gone.flatMap(answerOf)].slice(-mostAnswers);
  const results = [...earlier(resultsMark), ...gone.flatMap(({ content }) => content.flatMap(headOf))];
  const readable = describeResults(results, isStored);
  const shown = prompts
    .slice(-mostPrompts)
    .map((text, index, all) => shortWords(text, index === all.length - 1 ? longestLastPrompt : longestPrompt));
  return [
    removedMark,
    ...shown,
    ...(answers.length === 0 ? [] : [[answersMark, ...answers].join('\n- ')]),
    ...(readable.length === 0 ? [] : [[resultsMark, ...readable].join('\n- ')]),
  ];
}

function isText(block: UserBlock): block is Extract<UserBlock, { type: 'text' }> {
  return block.type === 'text';
}

/** The final answer of a run calls no tool. */
function answerOf(message: Message): readonly string[] {
  if (message.role !== 'assistant' || message.content.some(({ type }) => type === 'tool-call')) return [];
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return text === '' ? [] : [shortWords(text, longestAnswer).replaceAll('\n- ', '\n  - ')];
}

/** `query_database: E7`. */
function headOf(block: Message['content'][number]): readonly string[] {
  if (block.type !== 'tool-result' || block.isError) return [];
  const [, id, tool] = /^(E\d+) \(([\w.-]{1,100})/.exec(block.text) ?? [];
  return id === undefined || tool === undefined ? [] : [`${tool}: ${id}`];
}

/** One line per tool: `query_database: E1-E3, E7`. Also accepts such lines as input. */
function describeResults(lines: readonly string[], isStored: CompactOptions['isStored']): readonly string[] {
  const byTool = new Map<string, Set<number>>();
  for (const line of lines) {
    const [tool = ''] = line.split(':', 1);
    const ids = byTool.get(tool) ?? new Set();
    byTool.set(tool, ids);
    for (const [, from = '', to = from] of line.slice(tool.length).matchAll(/E(\d+)(?:-E(\d+))?/g))
      for (let id = Number(from); id <= Number(to); id += 1) if (isStored(`E${id}`)) ids.add(id);
  }
  return [...byTool].flatMap(([tool, ids]) => (ids.size === 0 ? [] : [`${tool}: ${rangesOf([...ids]).join(', ')}`]));
}

function rangesOf(ids: readonly number[]): readonly string[] {
  const ranges: { first: number; last: number }[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range?.last === id - 1) range.last = id;
    else ranges.push({ first: id, last: id });
  }
  return ranges.map(({ first, last }) => (first === last ? `E${first}` : `E${first}-E${last}`));
}
