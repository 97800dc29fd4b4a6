import { expect, it } from 'vitest';
import { permalinkOf } from '../../../src/workspace/git/permalink.ts';

const lines = { startLine: 12, endLine: 20 };

it.each([
  ['git@github.com:acme/shop.git', 'https://github.com/acme/shop/blob/abc/src/a%20b.ts#L12-L20'],
  ['https://token@github.com/acme/shop', 'https://github.com/acme/shop/blob/abc/src/a%20b.ts#L12-L20'],
  ['https://ada:secret@gitlab.com/acme/shop.git', 'https://gitlab.com/acme/shop/-/blob/abc/src/a%20b.ts#L12-20'],
  ['ssh://git@git.example.com:2222/acme/shop.git', 'https://git.example.com/acme/shop/blob/abc/src/a%20b.ts#L12-L20'],
  ['https://bitbucket.org/acme/shop', 'https://bitbucket.org/acme/shop/src/abc/src/a%20b.ts#lines-12:20'],
  ['http://git.local:3000/acme/shop', 'http://git.local:3000/acme/shop/blob/abc/src/a%20b.ts#L12-L20'],
  ['/srv/git/shop.git', undefined],
  ['file:///srv/git/shop.git', undefined],
  ['', undefined],
])('the permalink for remote %j is %j', (remote, link) => {
  expect(permalinkOf(`remote.origin.url ${remote}`, 'abc', 'src/a b.ts', lines)).toBe(link);
});

it('prefers origin, and can point to a single line', () => {
  const remotes = 'remote.fork.url git@github.com:me/shop.git\nremote.origin.url git@github.com:acme/shop.git';
  expect(permalinkOf(remotes, 'abc', 'a.ts', { startLine: 3, endLine: 3 })).toBe(
    'https://github.com/acme/shop/blob/abc/a.ts#L3',
  );
});

it('has no permalink without a remote', () => {
  expect(permalinkOf('', 'abc', 'a.ts', lines)).toBeUndefined();
});
