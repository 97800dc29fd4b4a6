import { expect, it, vi } from 'vitest';
import { readServerQuestion } from '../../../src/agent/server-form.ts';
import { fakeTerminal, remaining, type FakeStream } from './fake-terminal.ts';

const form = readServerQuestion('Travel', {
  message: 'Where to?\u001B[31m',
  requestedSchema: {
    type: 'object',
    properties: {
      city: { type: 'string', title: 'City', description: 'The city of arrival' },
      seats: { type: 'integer', maximum: 4 },
      class: { type: 'string', enum: ['first', 'second'], default: 'second' },
    },
    required: ['city'],
  },
});
const page = readServerQuestion('Travel', { mode: 'url', message: 'Pay here', url: 'https://pay.example.com/1' });

/** Waits until the output ends in a prompt. */
async function prompted(stderr: FakeStream): Promise<void> {
  await vi.waitFor(() => expect(stderr.text).toMatch(/\[\d+G[^\n]*$/), { timeout: 30_000, interval: 2 });
  stderr.text += '\n';
}

async function answered(question: typeof form, lines: readonly string[], isTTY = true) {
  const { front, stdin, stderr } = fakeTerminal({ isTTY });
  if (question === undefined || front.askForServer === undefined) return { reply: 'nobody was asked', shown: '' };
  const reply = front.askForServer(question, new AbortController().signal);
  for (const line of lines) {
    await prompted(stderr);
    stdin.write(`${line}\r`);
  }
  return { reply: await reply, shown: remaining(stderr.text) };
}

it('a form is filled in field by field, reviewed and sent', async () => {
  const { reply, shown } = await answered(form, ['y', '', 'Ulm', '9', '2', '', 'y']);
  expect(reply).toEqual({ action: 'accept', content: { city: 'Ulm', seats: 2, class: 'second' } });
  expect(shown).toContain('Travel asks:');
  expect(shown).toContain('City: required. The city of arrival');
  expect(shown).toContain('This field is required.');
  expect(shown).toContain('Enter at most 4.');
  expect(shown).not.toContain('\u001B[31m');
});

it.each([
  ['n', 'decline'],
  ['c', 'cancel'],
])('a form that is answered with %s is a %s', async (line, action) => {
  expect((await answered(form, ['what?', line])).reply).toEqual({ action });
});

it('a filled-in form can still be withheld', async () => {
  expect((await answered(form, ['y', 'Ulm', '', '', 'n'])).reply).toEqual({ action: 'decline' });
});

it('a page is shown with its host and opened only by the user', async () => {
  const { reply, shown } = await answered(page, ['y']);
  expect(reply).toEqual({ action: 'accept' });
  expect(shown).toContain('Host: pay.example.com\nhttps://pay.example.com/1');
});

it('without a terminal no one is asked', async () => {
  expect((await answered(form, [], false)).reply).toBe('nobody was asked');
});

it('a second question waits for the first', async () => {
  const { front, stdin, stderr } = fakeTerminal();
  if (page === undefined) throw new Error('it is no question');
  const { signal } = new AbortController();
  const replies = [front.askForServer?.(page, signal), front.askForServer?.(page, signal)];
  await prompted(stderr);
  expect(stderr.text.split('Host:')).toHaveLength(2);
  stdin.write('y\r');
  expect(await replies[0]).toEqual({ action: 'accept' });
  await prompted(stderr);
  stdin.write('n\r');
  expect(await replies[1]).toEqual({ action: 'decline' });
});
