import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { approvedBytes } from '../../../servers/contract/approved-bytes.ts';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { previewSchema, type Preview } from '../../../servers/contract/preview.ts';
import { callTool } from '../../../servers/kit/call-tool.ts';
import { makeTool, type ToolContext } from '../../../servers/kit/define-tool.ts';
import { createFileLedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';
import { createRedactor } from '../../../servers/contract/redact.ts';

/** A channel that can be renamed between preview and call. */
function createWorld() {
  const world = { channel: 'C1', sent: [] as string[] };
  const post = makeTool({
    name: 'post_note',
    title: 'Post a note',
    description: 'Posts.',
    risk: 'write',
    input: z.strictObject({ text: z.string() }),
    output: z.object({ outcome: z.literal('done') }),
    preview: ({ text }): Promise<Preview> =>
      Promise.resolve({
        title: 'note',
        destination: { id: world.channel, name: '#notes' },
        body: text,
        raw: JSON.stringify({ text }),
        fields: [],
        warnings: [],
        duplicates: [],
        linkHosts: [],
        mentions: [],
      }),
    run: async ({ text }, context: ToolContext<undefined>) => {
      await context.effect({
        name: 'post',
        result: z.object({}),
        send: () => {
          world.sent.push(text);
          return Promise.resolve({});
        },
        find: () => Promise.resolve(undefined),
        whereToLook: 'There is nowhere to look.',
      });
      return { structured: { outcome: 'done' as const }, text: 'done' };
    },
  });
  return { world, post };
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'approved-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('an approval', () => {
  const setUp = () => {
    const { world, post } = createWorld();
    const silent = (): void => undefined;
    const call = (meta: Record<string, unknown>, text = 'hello sk-ant-1234567890abcdefghij') =>
      callTool(
        { name: 'post_note', arguments: { text }, meta, signal: new AbortController().signal, progress: silent },
        {
          tools: new Map([[post.name, post]]),
          connection: undefined,
          log: silent,
          redact: createRedactor([]),
          ledger: createLedger(createFileLedgerStore(directory), silent),
          limits: { take: () => Promise.resolve() },
          audit: { intend: () => ({ finish: silent, fail: silent }), refuse: silent },
        },
      );
    const preview = async (): Promise<Preview> =>
      previewSchema.parse((await call({ [metaKeys.preview]: true })).structuredContent['preview']);
    const approve = (sha256: string) => ({ [metaKeys.approval]: { id: 'a', decision: 'once', sha256 } });
    return { world, call, preview, approve };
  };

  it('allows exactly what was previewed', async () => {
    const { world, call, preview, approve } = setUp();
    const digest = approvedBytes(await preview());
    expect((await call(approve(digest))).isError).toBeUndefined();
    expect(world.sent).toHaveLength(1);
  });

  it('is refused if the destination or a byte of the text differs', async () => {
    const { world, call, preview, approve } = setUp();
    const digest = approvedBytes(await preview());
    expect((await call(approve(digest), 'hello!')).structuredContent).toMatchObject({ error: { code: 'conflict' } });
    world.channel = 'C2';
    expect((await call(approve(digest))).structuredContent).toMatchObject({ error: { code: 'conflict' } });
    expect(world.sent).toEqual([]);
  });
});
