import type { CDPSession } from 'playwright-core';
import type { Scene } from '../../vscode/window/scene.ts';
import { send } from './send.ts';

const messages = 100;
const text = `The cause is the **deploy** of 14:02, which lowered the limit:

| status | orders |
|---|---|
| failed | 12 |
| paid | 340 |

${'The gateway is called with a limit of 300 ms. '.repeat(12)}`;

/** The chat's elements and the growth of the window's heap after a hundred questions, each with one query. */
export async function measureMessages(given: Scene): Promise<void> {
  const { window, stack } = given;
  const query = 'SELECT id, status, error_code, total FROM orders ORDER BY id LIMIT 20';
  stack.claude?.play(({ exchanges }) =>
    exchanges.length > 0
      ? { text }
      : { text: 'I look.', calls: [{ name: 'postgres__query_database', input: { query } }] },
  );
  await window.openChat();
  await send(given, 'Question 0');
  await window.runEnds();
  const session = await window.page.context().newCDPSession(window.page);
  const before = await heapOf(session);
  for (let message = 1; message <= messages; message += 1) {
    await send(given, `Question ${message}`);
    // Runs further up leave the document, so their number says nothing.
    await window.chat.locator('.run-end').last().waitFor();
    await window.button('Send').waitFor();
  }
  const growth = (await heapOf(session)) - before;
  const elements = await window.chat.locator('*').count();
  const requests = stack.claude?.requests().length ?? 0;
  process.stdout.write(
    `${messages} messages (${requests} requests): ${elements} elements, heap of the window +${(growth / 2 ** 20).toFixed(1)} MiB\n`,
  );
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}
