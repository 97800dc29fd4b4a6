/**
 * Personal data in outgoing text, masked so that it can be shown: `an email address (j…@example.com)`. Finds data with
 * a recognizable format: email addresses, phone numbers, payment cards (Luhn), IBANs (ISO 7064 mod 97).
 */
export function findPersonalData(text: string): string[] {
  const plain = text.normalize('NFKC');
  const found = new Set<string>();
  for (const { name, pattern, isReal, mask } of kinds) {
    for (const [match] of plain.matchAll(pattern)) if (isReal(match)) found.add(`${name} (${mask(match)})`);
  }
  return [...found];
}

interface Kind {
  readonly name: string;
  readonly pattern: RegExp;
  readonly isReal: (match: string) => boolean;
  readonly mask: (match: string) => string;
}

const kinds: readonly Kind[] = [
  {
    name: 'an email address',
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/gu,
    isReal: () => true,
    mask: (match) => `${match.slice(0, 1)}…${match.slice(match.indexOf('@'))}`,
  },
  {
    name: 'a payment card number',
    pattern: /(?<![\d-])[3-6]\d{3}[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{1,4})?(?![\d-])/g,
    isReal: (match) => isCard(digitsOf(match)),
    mask: (match) => `…${digitsOf(match).slice(-4)}`,
  },
  {
    name: 'an IBAN',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    isReal: (match) => isIban(match.replaceAll(' ', '')),
    mask: (match) => `${match.slice(0, 2)}…${match.slice(-2)}`,
  },
  {
    name: 'a phone number',
    // With a country code, or formatted like a phone number: bare digits could be anything.
    pattern:
      /(?<![\w.])(?:\+\d{1,3}[ .\-()]{0,2}(?:\d[ .\-()]{0,2}){6,12}\d|\(\d{3}\) ?\d{3}[-. ]\d{4}|\d{3}-\d{3}-\d{4})(?![\w-])/g,
    isReal: () => true,
    mask: (match) => `…${digitsOf(match).slice(-2)}`,
  },
];

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19) return false;
  let sum = 0;
  for (const [index, digit] of digits.split('').toReversed().entries()) {
    const value = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

function isIban(text: string): boolean {
  if (text.length < 15 || text.length > 34) return false;
  const moved = text.slice(4) + text.slice(0, 4);
  let rest = 0;
  for (const character of moved) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
