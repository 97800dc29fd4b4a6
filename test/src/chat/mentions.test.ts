import { describe, expect, it } from 'vitest';
import { complete, mentionAt, mentions } from '../../../src/chat/mentions.ts';
import { bestOf, rankedName } from '../../../src/chat/rank-names.ts';

/** `|` is the caret. */
function typedAt(marked: string) {
  const caret = marked.indexOf('|');
  return mentionAt(marked.replace('|', ''), caret);
}

describe('a mention that is being typed', () => {
  it.each([
    ['@|', '@', ''],
    ['Why does @ord| fail', '@', 'ord'],
    ['(@public.ord|', '@', 'public.ord'],
    ['Look at @src/api/tax.t|', '@', 'src/api/tax.t'],
    ['tell #opera|', '#', 'opera'],
    ['/fail|', '/', 'fail'],
    ['  /fail|', '/', 'fail'],
    ['ما سبب @طلب|', '@', 'طلب'],
    ['为什么 @订单|', '@', '订单'],
    ['first\n@ord|', '@', 'ord'],
  ])('%s', (marked, trigger, query) => {
    expect(typedAt(marked)).toMatchObject({ trigger, query });
  });

  it.each([
    ['an address', 'write to ada@exam|'],
    ['a word after it', '@orders |'],
    ['a path', '/etc/ho|'],
    ['a date', 'since 30/11|'],
    ['a command later on', 'then /fail|'],
    ['a heading', '# Why|'],
    ['something endless', `@${'x'.repeat(101)}|`],
  ])('is not %s', (_what, marked) => {
    expect(typedAt(marked)).toBeUndefined();
  });

  it('gives way to what was chosen, with one space behind it', () => {
    const typed = mentionAt('Is @ord slow?', 7)!;
    expect(complete('Is @ord slow?', typed, '@orders')).toEqual({ text: 'Is @orders slow?', caret: 11 });
    expect(complete('Is @ord', typed, '@orders')).toEqual({ text: 'Is @orders ', caret: 11 });
  });
});

describe('a prompt mentions', () => {
  it.each([
    ['Is @orders slow?', true],
    ['Is @orders.', true],
    ['@orders', true],
    ['Is @orders_old slow?', false],
    ['Is @orders.total slow?', false],
    ['Is @orders_old slower than @orders?', true],
    ['Is it slow?', false],
  ])('%s: %s', (text, expected) => {
    expect(mentions(text, '@orders')).toBe(expected);
  });
});

describe('names are ranked', () => {
  const best = (names: readonly string[], query: string, limit = 10): readonly string[] => {
    const items = names.map((name) => ({ name, ranked: rankedName(name) }));
    return bestOf(items, query, ({ ranked }) => ranked, limit).map(({ name }) => name);
  };

  it('by beginning, part, middle, then letters in order; short before long; the rest is left out', () => {
    const names = ['order_backup_reads', 'reorder', 'old_orders', 'payments', 'orders_archive', 'orders'];
    expect(best(names, 'orde')).toEqual(['orders', 'orders_archive', 'order_backup_reads', 'old_orders', 'reorder']);
    expect(best(names, 'obr')).toEqual(['order_backup_reads']);
  });

  it('a file by its own name before its folder', () => {
    expect(best(['tax/index.ts', 'src/tax.ts', 'src/syntax.ts'], 'TAX')).toEqual([
      'src/tax.ts',
      'tax/index.ts',
      'src/syntax.ts',
    ]);
  });

  it('in their order as long as nothing is typed, up to the limit', () => {
    expect(best(['b', 'a', 'c'], '', 2)).toEqual(['b', 'a']);
  });
});
