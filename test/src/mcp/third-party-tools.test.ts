import { describe, expect, it } from 'vitest';
import { changing, misbehaving, never, openHub } from './fixtures/servers.ts';

describe('a third-party tool description', () => {
  it('is short, and shows characters that only the model would see', async () => {
    const hidden = '\u{E0069}\u{E0067}';
    const { spec } = changing([
      {
        name: 'read_file',
        title: `Read\n\u{202E}a file${' again'.repeat(50)}`,
        description: `Reads.${hidden} ${'Very well. '.repeat(1000)}`,
        inputSchema: {
          type: 'object',
          properties: { path: { type: 'string', description: 'A\u{200B}path', enum: ['a', 'half \u{D83D}'] } },
        },
      },
    ]);
    const [tool] = await openHub([spec]).list(never);
    expect(tool?.title).toMatch(/^Read <U\+202E>a file again.*… \[cut here: \d+ more characters\]$/);
    expect(tool?.description).toMatch(/^Reads\.<U\+E0069><U\+E0067> Very well\./);
    expect(tool?.description).toMatch(/… \[cut here: \d+ more characters\]$/);
    expect(tool?.description.length).toBeLessThan(2100);
    expect(tool?.inputSchema['properties']).toEqual({
      path: { type: 'string', description: 'A<U+200B>path', enum: ['a', 'half \u{FFFD}'] },
    });
  });

  it('that is nested too deeply is omitted', async () => {
    const deep = Array.from({ length: 80 }).reduce<Record<string, unknown>>((inner) => ({ items: inner }), {});
    const { spec } = changing([{ name: 'deep', inputSchema: { type: 'object', ...deep } }, { name: 'flat' }]);
    const hub = openHub([spec]);
    expect((await hub.list(never)).map(({ plainName }) => plainName)).toEqual(['flat']);
    expect(hub.log('files').join('\n')).toContain("'deep': its input schema is nested deeper than 64 levels");
  });
});

describe('a third-party server is not used', () => {
  it.each([
    ['a person would see one name for two of its tools', ['read.file', 'read_file'], 'read_file'],
    ['one of its names is made to meet the changed name of another', ['a b', 'a_b_2d9da918'], 'files__a_b_2d9da918'],
  ])('when %s', async (_, names, called) => {
    const { spec } = changing(names.map((name) => ({ name })));
    const hub = openHub([misbehaving().spec, spec]);
    const tools = await hub.list(never);
    expect(tools.some(({ server }) => server === 'bad')).toBe(true);
    expect(tools.some(({ server }) => server === 'files')).toBe(false);
    const [first, second] = names.map((name) => JSON.stringify(name));
    expect(hub.states()[1]?.state).toEqual({
      status: 'failed',
      code: 'unreachable',
      reason: `Files is not used: its tools ${first} and ${second} would both be called ${called}`,
    });
  });
});
