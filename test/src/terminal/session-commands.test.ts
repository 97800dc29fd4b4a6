import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSessionStore } from '../../../src/sessions/session-store.ts';
import { addSessionCommands } from '../../../src/terminal/commands/records-commands.ts';
import { sampleEvents } from '../sessions/sample-session.ts';

let folder = '';
let printed = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-sessions-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const exportedSchema = z.object({
  id: z.string(),
  evidence: z.array(z.unknown()),
  events: z.array(z.object({ time: z.iso.datetime(), event: z.looseObject({ type: z.string() }) })),
});

async function keep(prompt: string): Promise<string> {
  const session = await createSessionStore(folder).create();
  for (const event of sampleEvents)
    session.addEvent(
      event.type === 'run-started' ? { ...event, prompt: `${prompt} ${'x'.repeat(200)} at the end` } : event,
    );
  await session.close();
  return session.id;
}

async function run(...words: string[]): Promise<string> {
  const program = new Command().exitOverride();
  printed = '';
  addSessionCommands(program, {
    sessionsFolder: () => folder,
    audit: () => ({ verify: () => [], read: () => [] }),
    print: (text) => (printed += text),
    exit: () => undefined,
  });
  await program.parseAsync(['sessions', ...words], { from: 'user' });
  return printed;
}

describe('sessions', () => {
  it('are found by their prompts, calls and answers', async () => {
    const [orders, logins] = [await keep('Why do orders fail?'), await keep('Who cannot log in?')];
    const found = async (text: string) => {
      const lines = (await run('list', '--search', text, '--output', 'json')).split('\n').filter((line) => line !== '');
      return lines.map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id).sort();
    };
    expect(await found('ORDERS FAIL')).toEqual([orders]);
    expect(await found('log in? x')).toEqual([logins]);
    for (const inBoth of ['at the end', 'Let me look.', 'SELECT 1', 'eng-42']) {
      expect(await found(inBoth)).toEqual([orders, logins].sort());
    }
    expect(await found('nobody wrote this')).toEqual([]);
  });

  it('are exported as Markdown, or as JSON with every event', async () => {
    const id = await keep('Why do orders fail?');
    expect(await run('export', id)).toContain('# Why do orders fail?');
    const json = await run('export', id, '--output', 'json');
    const exported = exportedSchema.parse(JSON.parse(json));
    expect(exported).toMatchObject({ id, evidence: [] });
    expect(exported.events.map(({ event }) => event.type)).toEqual(
      expect.arrayContaining(['run-started', 'tool-call-finished', 'run-finished']),
    );
    // Control and invisible characters are written out.
    expect(json).toContain('\\u202e');
    expect(json).not.toContain('\u202E');
  });
});
