import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextBlocks, type Block } from '../../../src/webview/markdown/blocks.ts';
import { highlight, type CodeNode } from '../../../src/webview/markdown/highlight.ts';
import { disguisedHost, fileTarget, linkTarget } from '../../../src/webview/markdown/targets.ts';

const piece = fc.constantFrom(
  'word ',
  '\n',
  '\n\n',
  '- item',
  '1. item\n',
  '```sql\n',
  '```\n',
  '| a | b |\n',
  '| - | - |\n',
  '> quote\n',
  '# heading\n',
  '**bold',
  '`code`',
  '    indented\n',
  '---\n',
  '\r\n',
  '[link](https://a.example)',
  '<b>',
);
const pieces = fc.array(piece, { maxLength: 40 });

function shape(blocks: readonly Block[]): unknown {
  return blocks.map(({ source, tokens }) => [source, tokens.map(({ type, content }) => [type, content])]);
}

describe('streamed text', () => {
  test('is split into blocks that add up to the text', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const blocks = nextBlocks([], text);
        if (blocks.length > 0) expect(blocks.map(({ source }) => source).join('')).toBe(text.replaceAll('\r\n', '\n'));
      }),
    );
  });

  test('ends in the same blocks as the full text, however it is split', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        let text = '';
        let blocks: readonly Block[] = [];
        for (const part of parts) {
          text += part;
          blocks = nextBlocks(blocks, text);
        }
        expect(shape(blocks)).toEqual(shape(nextBlocks([], text)));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps every block except the last as the same object', () => {
    const before = nextBlocks([], 'One\n\n- a\n- b\n\nTwo');
    const after = nextBlocks(before, 'One\n\n- a\n- b\n\nTwo and more\n\nThree');
    expect(after.slice(0, 2).every((block, index) => block === before[index])).toBe(true);
    expect(after).toHaveLength(4);
  });
});

describe('link targets', () => {
  test.each([
    ['https://a.example/x?y#z', { kind: 'web', url: 'https://a.example/x?y#z', host: 'a.example' }],
    ['HTTP://127.0.0.1:4100/b', { kind: 'web', url: 'http://127.0.0.1:4100/b', host: '127.0.0.1:4100' }],
    ['src/tax.ts#L41', { kind: 'file', path: 'src/tax.ts', line: 41 }],
    ['src/tax.ts#L41-L50', { kind: 'file', path: 'src/tax.ts', line: 41 }],
    ['src/a%20b.ts', undefined],
    ['docs/guide.md', { kind: 'file', path: 'docs/guide.md', line: undefined }],
    ['command:workbench.action.quit', undefined],
    ['javascript:alert(1)', undefined],
    ['vscode://file/etc/passwd', undefined],
    ['data:text/html,x', undefined],
    ['//evil.example/x.js', undefined],
    ['../../../etc/passwd.txt', undefined],
    ['src/../../secret.txt', undefined],
    ['/etc/passwd.conf', undefined],
    ['C:\\Windows\\win.ini', undefined],
    ['https://user:pass@evil.example/', undefined],
    ['https://', undefined],
    ['%E0%A4%A', undefined],
    [`https://a.example/${'x'.repeat(3000)}`, undefined],
  ])('%s', (href, target) => {
    expect(linkTarget(href)).toEqual(target);
  });

  test('any link is an http URL, a path inside the workspace, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.stringMatching(/^[\w./:#%-]{0,40}$/u)), (href) => {
        const target = linkTarget(href);
        if (target?.kind === 'web') expect(new URL(target.url).protocol).toMatch(/^https?:$/u);
        if (target?.kind === 'file') expect(target.path).not.toMatch(/^\/|\\|(?:^|\/)\.\.(?:\/|$)|:/u);
      }),
    );
  });

  test.each([
    ['src/tax.ts:41', { kind: 'file', path: 'src/tax.ts', line: 41 }],
    ['tax.ts:41:7', { kind: 'file', path: 'tax.ts', line: 41 }],
    ['tax.ts', undefined],
    ['orders.status', undefined],
    ['SELECT 1', undefined],
    ['14 > 5', undefined],
  ])('in code, %s', (code, target) => {
    expect(fileTarget(code)).toEqual(target);
  });

  test('a link whose text names another host shows the real one', () => {
    const target = linkTarget('https://evil.example/login');
    if (target === undefined) throw new Error('that is a link');
    expect(disguisedHost('https://bank.example/login', target)).toBe('evil.example');
    expect(disguisedHost('bank.example', target)).toBe('evil.example');
    expect(disguisedHost('https://EVIL.example', target)).toBeUndefined();
    expect(disguisedHost('the login page', target)).toBeUndefined();
  });

  test('a host with lookalike letters is shown in Punycode', () => {
    for (const href of ['https://\u0430pple.example/', 'https://login.\u0440aypal.example:8443/']) {
      const target = linkTarget(href);
      if (target?.kind !== 'web') throw new Error('no link');
      expect(disguisedHost('the login page', target)).toMatch(/xn--/u);
    }
  });
});

describe('highlighted code', () => {
  const text = (nodes: readonly CodeNode[]): string =>
    nodes.map((node) => (typeof node === 'string' ? node : text(node.children))).join('');

  test('loses no characters, for any code and language', () => {
    const language = fc.constantFrom('sql', 'ts', 'typescript', 'json', 'python', 'bash', 'diff', 'yaml', 'cobol', '');
    const fragment = fc.constantFrom(
      'SELECT ',
      "'it''s'",
      '/* x',
      '`${',
      '}',
      '"',
      '\n',
      '-- c\n',
      '<script>',
      '{',
      '# ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string())), language, (parts, name) => {
        expect(text(highlight(parts.join(''), name))).toBe(parts.join(''));
      }),
      { numRuns: 300 },
    );
  });

  test('recognizes SQL and TypeScript by name', () => {
    expect(highlight('SELECT 1', 'sql')[0]).toEqual({ scope: 'keyword', children: ['SELECT'] });
    expect(highlight('const a = `x${1}`', 'ts')).toContainEqual({ scope: 'keyword', children: ['const'] });
    expect(highlight('x'.repeat(30_000), 'sql')).toEqual(['x'.repeat(30_000)]);
  });
});
