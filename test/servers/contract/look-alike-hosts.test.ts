import { describe, expect, it } from 'vitest';
import { findLookAlike } from '../../../servers/contract/look-alike-hosts.ts';

describe('a host', () => {
  it.each([
    ['раypal.com', 'paypal.com', 'mixes Cyrillic and Latin'],
    ['xn--ypal-43d9g.com', 'paypal.com', 'in its other spelling'],
    ['аррӏе.com', 'appie.com', 'is Cyrillic only'],
    ['gοοgle.com', 'google.com', 'has Greek letters'],
    ['ɡithub.com', 'github.com', 'has a Latin letter of phonetics'],
    ['login.раypal.com', 'login.paypal.com', 'below another'],
    ['paypal.соm.evil.example', 'paypal.com.evil.example', 'has it in front'],
  ])('%s looks like %s: it %s', (host, like) => {
    expect(findLookAlike(host)?.like.replaceAll('rn', 'm')).toBe(like);
  });

  it.each([
    ['paypa1.com', 'paypal.com'],
    ['rnicrosoft.com', 'microsoft.com'],
    ['login.g00gle.com', 'accounts.google.com'],
    ['shop.examp1e.co.uk', 'example.co.uk'],
  ])('%s looks like the known %s', (host, known) => {
    expect(findLookAlike(host)).toBeUndefined();
    expect(findLookAlike(host, [known])).toBeDefined();
  });

  it.each([
    'paypal.com',
    'münchen.de',
    'пример.рф',
    'яндекс.com',
    '例え.jp',
    'xn--r8jz45g.jp',
    '10.0.0.1',
    'localhost',
    'bücher.example',
    '東京tower.jp',
    'a1.example',
  ])('%s looks like nothing else', (host) => {
    expect(findLookAlike(host, [host, 'github.com', 'www.paypal.com'])).toBeUndefined();
  });
});
