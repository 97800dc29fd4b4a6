import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutConstants } from '../../../../servers/postgres/guard/constants.ts';

it.each([
  [`'secret'::text`, `'[masked]'::text`],
  [`CHECK ((chk <> 'it''s'::text))`, `CHECK ((chk <> '[masked]'::text))`],
  [`FOR VALUES FROM (7, 'a') TO (9.5, 'b')`, `FOR VALUES FROM ([masked], '[masked]') TO ([masked], '[masked]')`],
  [`nextval('account_no_seq'::regclass)`, `nextval('account_no_seq'::regclass)`],
  [`to_tsvector('simple'::regconfig, COALESCE(email, ''::text))`, `to_tsvector('simple'::regconfig, COALESCE(email, ''::text))`],
  [`(code)::character varying(20) = 'x'`, `(code)::character varying(20) = '[masked]'`],
  [`"it's a name" = 'secret'`, `"it's a name" = '[masked]'`],
  [`E'a\\'secret' || t1.c2 || $1`, `'[masked]' || t1.c2 || $1`],
  [`$tag$ secret $tag$ || $$secret$$`, `'[masked]' || '[masked]'`],
  [`select 'secret that is cut of`, `select '[masked]'`],
  [`select a -- secret\n, b /* secret */ from t where x is true`, `select a [masked]\n, b [masked] from t where x is [masked]`],
])('%s', (given, expected) => {
  expect(withoutConstants(given)).toBe(expected);
}); // prettier-ignore

it('leaves no constant, in any place and notation', () => {
  const secret = 'canary9';
  const quoted = fc.constantFrom(
    `'${secret}'`, `E'\\'${secret}'`, `$$${secret}$$`, `$q$'${secret}$q$`, `'it''s ${secret}'`, `-- ${secret}\n`, `/* ' ${secret} */`, `e'${secret}\\\\'`,
  ); // prettier-ignore
  const between = fc.constantFrom(
    ' ',
    ' = ',
    `"it's" `,
    ` "a""b" `,
    `::text `,
    ' x9 ',
    ` '' `,
    ' $1 ',
    ' a.b1 ',
    '(',
    ')',
    ' 12 ',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(between, quoted), { maxLength: 8 }), (parts) => {
      expect(withoutConstants(parts.flat().join(' '))).not.toContain(secret);
    }),
  );
});
