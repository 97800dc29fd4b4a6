import { systems } from './connection-definitions.ts';

/** The terms that Set Up Connections uses for the environment variables in server messages. */
const words: Readonly<Record<string, string>> = {
  ...Object.fromEntries(systems.flatMap(({ terms }) => Object.entries(terms))),
  SWITCHBOARD_RATE_LIMITS: 'the setting switchboard.rateLimits',
};

/** Error codes of the operating system and of TLS. */
const faults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host does not exist',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ETIMEDOUT: 'no response',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an untrusted authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an untrusted authority',
};

/** Replaces environment variables in a server message with the terms of Set Up Connections: "the host" for `DB_HOST`. */
export function inSetUpWords(text: string): string {
  return text
    .replaceAll(/\b(?:set|choose|use) ([A-Z_]+)=(\S+)/giu, (whole, name: string, value: string) => {
      const word = wordFor(name);
      return word === undefined ? whole : `choose "${value}" for ${word}`;
    })
    .replaceAll(/\b([A-Z]+(?:_[A-Z]+)+): (?=must\b)/gu, (whole, name: string) => {
      const word = wordFor(name);
      return word === undefined ? whole : `${word} `;
    })
    .replaceAll(/\b[A-Z]+(?:_[A-Z]+)*\b/gu, (name) => wordFor(name) ?? name)
    .replaceAll(/(^|[.:] )(the|choose) /gu, (_whole, before: string, word: string) => {
      return `${before}${word.charAt(0).toUpperCase()}${word.slice(1)} `;
    });
}

function wordFor(name: string): string | undefined {
  if (Object.hasOwn(words, name)) return words[name];
  return Object.hasOwn(faults, name) ? faults[name] : undefined;
}
