import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../../../servers/slack/format/markdown-out.ts';
import { toBlocks } from '../../../../servers/slack/format/markdown-to-blocks.ts';
import { toMessages } from '../../../../servers/slack/format/split-messages.ts';
import { plainText } from '../../../../servers/slack/format/blocks-to-text.ts';
import { messageSchema, messageText } from '../../../../servers/slack/format/message-to-text.ts';
import { checkBlocks } from '../../../stack/slack/blocks.ts';
import { notifiedBy } from '../../../stack/slack/effects.ts';
import { samples } from '../../markdown-samples.ts';

describe.each(samples)('%j', (markdown, ...shown) => {
  const messages = toMessages(toBlocks(markdown));

  it('is within the limits, notifies nobody and shows every letter', () => {
    for (const blocks of messages) {
      expect(checkBlocks(blocks)).toHaveProperty('blocks');
      expect(notifiedBy({ text: '', blocks, linkNames: false })).toEqual([]);
    }
    const arrived = messages.map((blocks) => messageText(messageSchema.parse({ ts: '1', blocks }), new Map()));
    for (const part of shown) expect(arrived.join('\n')).toContain(part);
  });

  it('looks the same on the card as in the channel', () => {
    for (const blocks of messages)
      expect(
        plainText(toBlocks(toMarkdown(blocks)))
          .replaceAll(/\s+/g, ' ')
          .trim(),
      ).toBe(plainText(blocks).replaceAll(/\s+/g, ' ').trim());
  });
});
