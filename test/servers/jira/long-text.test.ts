import { describe, expect, it } from 'vitest';
import { adfText, wikiText } from '../../../servers/jira/client/rich-text.ts';
import { adfFaults } from '../../stack/jira/adf-schema.ts';

const limit = 2_000;
const many = (part: string): string => part.repeat(Math.ceil((limit * 2) / part.length));

describe.each([
  ['one word', many('x')],
  ['words', many('word ')],
  ['words of which some are bold', many('**bold** and *more* ')],
  ['lines', many('a line\n')],
  ['Chinese', many('没有空格的文字。')],
  ['characters of two halves', `x${many('🚀')}`],
  ['one line of code', `\`\`\`\n${many('x')}\n\`\`\``],
  ['a quote', `> ${many('quoted **words** ')}`],
  ['an item of a list', `- short\n- ${many('word ')}`],
  ['an item within an item', `- a\n  - ${many('word ')}`],
  ['a section', `<details>\n<summary>Logs</summary>\n\n${many('word ')}\n\n</details>`],
  ['a heading', `# ${many('word ')}`],
  ['a task', `- [ ] ${many('word ')}`],
])('a text over the limit that is %s', (_, markdown) => {
  it('keeps as much of its beginning as fits', () => {
    const ofCloud = adfText(limit).fromMarkdown(markdown, 'description');
    expect(adfFaults(ofCloud.value)).toEqual([]);
    expect(ofCloud.whole?.content).toBe(markdown);
    const shown = adfText(limit).toMarkdown(ofCloud.value);
    expect(shown.isWellFormed()).toBe(true);
    expect(shown.length).toBeGreaterThan(limit * 0.9);
    const ofDataCenter = wikiText(limit).fromMarkdown(markdown, 'description').value;
    const length = typeof ofDataCenter === 'string' ? ofDataCenter.length : 0;
    expect(length).toBeGreaterThan(limit * 0.8);
    expect(length).toBeLessThanOrEqual(limit);
  });
});
