import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished } from 'vitest';
import { write } from './window/quick-input.ts';
import { scene } from './window/scene.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../src/mcp/fixtures/${name}`, import.meta.url));

async function machineSettings(): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-further-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'mcp.json');
  const server = (name: string) => ({ command: process.execPath, args: [fixture(name)] });
  const mcpServers = { asking: server('asking-server.ts'), generous: server('generous-server.ts') };
  await writeFile(file, JSON.stringify({ mcpServers }));
  return { 'switchboard.mcpConfig': file };
}

describe("third parties' servers", () => {
  scene(
    'ask in the chat, and what they picture is shown there and to the model',
    { connected: true, machineSettings },
    async ({ window, stack }) => {
      stack.claude?.play(({ exchanges }) => {
        if (exchanges.length === 0) return { text: 'I ask.', calls: [{ name: 'asking__form', input: {} }] };
        if (exchanges.length === 1) return { text: 'I look.', calls: [{ name: 'generous__pictures', input: {} }] };
        return { text: `The server was told ${exchanges[0]?.text.includes('Bonn') === true ? 'Bonn' : 'nothing'}.` };
      });
      await window.ask('Where to?');
      await window.approve.click();
      const question = window.chat.locator('.question');
      await question.getByRole('heading', { name: 'asking asks a question' }).waitFor();
      await write(question.getByRole('textbox', { name: 'city' }), 'Bonn');
      await window.screenshot('question');
      await window.button('Send').first().click();
      await question.waitFor({ state: 'hidden' });
      await window.approve.click();
      await window.runEnds();
      await window.chat.getByText('The server was told Bonn.').waitFor();
      await window.chat.locator('.call-images img[alt^="Image 1 of"]').waitFor();
      await window.screenshot('images');
      const last = stack.claude?.requests().at(-1)?.body;
      expect(JSON.stringify(last)).toContain('"media_type":"image/png"');
    },
  );
});
