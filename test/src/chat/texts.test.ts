import { describe, expect, it } from 'vitest';
import { chatPage } from '../../../src/chat/page.ts';
import { createTranslate, english, type Texts } from '../../../src/chat/texts.ts';

const german: Texts = {
  language: 'de',
  panel: {
    Deny: 'Ablehnen',
    '{0} of {1}': '{0} von {1}',
    'Use {0} instead of {1}': '{1} durch {0} ersetzen',
    '{0} row': '{0} Zeile',
    '{0} rows': '{0} Zeilen',
  },
  core: {
    'Query database': 'Datenbank abfragen',
    'First write to {0} in this session.': 'Erster Schreibvorgang nach {0} in dieser Sitzung.',
    '{0} of {1} calls were made.': '{0} von {1} Aufrufen wurden gemacht.',
  },
};
const { t, plural, rich, known } = createTranslate(german);
const inEnglish = createTranslate(english);

describe('a text', () => {
  it('is in the language of the page, its numbers too', () => {
    expect(t('Deny')).toBe('Ablehnen');
    expect(t('{0} of {1}', 1234, 5678)).toBe('1.234 von 5.678');
    expect(t('Use {0} instead of {1}', '{1}', '$&')).toBe('$& durch {1} ersetzen');
    expect(inEnglish.t('{0} of {1}', 1234, 5678)).toBe('1,234 of 5,678');
  });

  it('has the form that its number asks for', () => {
    expect([0, 1, 2, 1000].map((count) => plural(count, '{0} row', '{0} rows'))).toEqual([
      '0 Zeilen',
      '1 Zeile',
      '2 Zeilen',
      '1.000 Zeilen',
    ]);
    expect(inEnglish.plural(1, '{0} row', '{0} rows')).toBe('1 row');
  });

  it('stays English where the bundle has none', () => {
    expect(t('Something new {0}', 'x')).toBe('Something new x');
  });

  it('takes values that are no text, in the order of the language', () => {
    const [one, two] = [Symbol('one'), Symbol('two')];
    expect(rich('Use {0} instead of {1}', one, two)).toEqual([two, ' durch ', one, ' ersetzen']);
    expect(inEnglish.rich('Use {0} instead of {1}', one, two)).toEqual(['Use ', one, ' instead of ', two]);
  });
});

describe('a text that arrives in English', () => {
  it.each([
    ['Query database', 'Datenbank abfragen'],
    ['First write to ENG in this session.', 'Erster Schreibvorgang nach ENG in dieser Sitzung.'],
    [
      'First write to in this session. in this session.',
      'Erster Schreibvorgang nach in this session. in dieser Sitzung.',
    ],
    ['1 of 2 of 3 calls were made.', '1 von 2 of 3 Aufrufen wurden gemacht.'],
    ['First write to  in this session.', 'First write to  in this session.'],
    ['First write to ENG in this session. Really.', 'First write to ENG in this session. Really.'],
    ['Deny', 'Deny'],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['', ''],
  ])('%s', (text, shown) => {
    expect(known(text)).toBe(shown);
    expect(inEnglish.known(text)).toBe(text);
    expect(inEnglish.term(text)).toBe(text);
  });

  it('takes no longer for a text that is made to be searched', () => {
    const times = [10_000, 100_000].map((length) => {
      const before = process.cpuUsage().user;
      known(`0${' of '.repeat(length)}`);
      return process.cpuUsage().user - before;
    });
    expect(times[1]).toBeLessThan(Math.max(times[0] ?? 0, 5000) * 40);
  });
});

describe('the page of a webview', () => {
  const parts = { script: 'a.js', style: 'a.css', cspSource: 'self', nonce: 'abc' };

  it('carries its texts as data that cannot end the element', () => {
    const page = chatPage({ ...parts, texts: { ...german, panel: { a: '</script><script>alert(1)</script>' } } });
    expect(page).toContain('<html lang="de">');
    const [, data = ''] = /<script type="application\/json" id="texts">(.*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(data)).toMatchObject({ language: 'de', panel: { a: '</script><script>alert(1)</script>' } });
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it('carries none in English', () => {
    expect(chatPage({ ...parts, texts: english })).not.toContain('application/json');
  });
});
