import { describe, expect, it } from 'vitest';
import { findPersonalData } from '../../../servers/kit/personal-data.ts';

describe('personal data', () => {
  it.each([
    ['write to jane.doe+x@mail.example.com now', 'an email address (j…@mail.example.com)'],
    ['ｊａｎｅ＠example.com', 'an email address (j…@example.com)'],
    ['card 4111 1111 1111 1111', 'a payment card number (…1111)'],
    ['5500-0000-0000-0004', 'a payment card number (…0004)'],
    ['378282246310005', 'a payment card number (…0005)'],
    ['DE89 3704 0044 0532 0130 00', 'an IBAN (DE…00)'],
    ['GB82WEST12345698765432', 'an IBAN (GB…32)'],
    ['call +49 30 901820', 'a phone number (…20)'],
    ['(555) 123-4567', 'a phone number (…67)'],
    ['+1-555-123-4567', 'a phone number (…67)'],
  ])('%s', (text, expected) => {
    expect(findPersonalData(text)).toEqual([expected]);
  });

  it.each([
    '47 orders failed, $4,182.55 lost, since 2026-11-22T06:12:41Z',
    'order 4111111111111112 of 2026.11.22-1',
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
    'ENG-212 at 10.2.0.7:5432, p95 842.7 ms',
    '123e4567-e89b-12d3-a456-426614174000',
    'DE00 3704 0044 0532 0130 00',
    'a@b and @here and user@host',
    '2026-11-22 06:12 104233 104240 104251',
    '0000 0000 0000 0000',
    '| 104233 | 12950 | 3000 |',
  ])('finds none in: %s', (text) => {
    expect(findPersonalData(text)).toEqual([]);
  });
});
