import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../../../servers/slack/format/markdown-out.ts';
import { toBlocks } from '../../../../servers/slack/format/markdown-to-blocks.ts';

describe('an emoji on the card', () => {
  it.each([
    [':rotating_light:', '🚨'],
    [':large_green_circle:', '🟢'],
    [':flag-de:', '🇩🇪'],
    [':wave::skin-tone-3:', '👋🏼'],
    [':sleuth_or_spy:', '🕵️'],
    ['`:rotating_light:`', '`:rotating_light:`'],
    [':no_such_emoji:', ':no\\_such\\_emoji:'],
  ])('%s is %s', (text, drawn) => {
    expect(toMarkdown(toBlocks(text))).toBe(drawn);
  });
});
