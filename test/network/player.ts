import { expect } from 'vitest';
import type { ForServer } from '../../src/agent/server-question.ts';
import { readForm } from '../../src/agent/server-form.ts';
import type { Arguments, ToolOutcome } from '../../src/agent/tools.ts';
import type { Hub } from '../../src/mcp/hub.ts';
import { callOptions, never } from '../src/mcp/fixtures/servers.ts';

export type Result = Extract<ToolOutcome, { kind: 'result' }>;

export interface Player {
  /** A folder that the server may use. */
  readonly work: string;
  /** The address of a page for browsers. */
  readonly page: string;
  /** The call must succeed. */
  readonly call: (tool: string, input?: Arguments) => Promise<Result>;
  /** The call must fail, and say why. */
  readonly refused: (tool: string, input: Arguments, why: RegExp) => Promise<void>;
  /** What the server asked the person. */
  readonly questions: readonly string[];
  /** Depends on what this machine has (the internet, ffmpeg): whatever the outcome, it says what it is about. */
  readonly reach: (tool: string, input: Arguments, about: RegExp) => Promise<void>;
}

export interface Played extends Player {
  readonly called: ReadonlySet<string>;
}

/** A person who answers forms with what they suggest or the least they ask for, and opens no page. */
function person(questions: string[]): ForServer {
  return {
    ask: (question) => {
      questions.push(`${question.kind}: ${question.message}`);
      if (question.kind === 'url') return Promise.resolve({ action: 'decline' });
      const typed = question.fields.map(({ name, initial, required, kind, options }) => {
        const least = kind === 'boolean' ? 'yes' : (options[0]?.value ?? 'Ann');
        return [name, initial === '' && required ? least : initial] as const;
      });
      const read = readForm(question.fields, Object.fromEntries(typed));
      if ('wrong' in read) throw new Error(read.wrong);
      return Promise.resolve({ action: 'accept', content: read.content });
    },
    sample: () => Promise.resolve({ kind: 'text', text: 'Blue.', model: 'none', cut: false }),
  };
}

export async function createPlayer(hub: Hub, { work, page }: Pick<Player, 'work' | 'page'>): Promise<Played> {
  const called = new Set<string>();
  const questions: string[] = [];
  const forServer = person(questions);
  const names = new Map((await hub.list(never)).map(({ plainName, name }) => [plainName, name]));
  const attempt = (tool: string, input: Arguments): Promise<ToolOutcome> => {
    called.add(tool);
    return hub.call(names.get(tool) ?? tool, input, callOptions({ forServer }));
  };
  return {
    work,
    page,
    called,
    questions,
    call: async (tool, input = {}) => {
      const outcome = await attempt(tool, input);
      if (outcome.kind === 'failure') throw new Error(`${tool}: ${outcome.text}`);
      return outcome;
    },
    refused: async (tool, input, why) => {
      const { kind, text } = await attempt(tool, input);
      expect(kind).toBe('failure');
      expect(text).toMatch(why);
    },
    reach: async (tool, input, about) => {
      const { text } = await attempt(tool, input);
      expect(text).toMatch(about);
    },
  };
}
