import tlds from 'tlds' with { type: 'json' };
import { findLookAlike, skeleton } from '../contract/look-alike-hosts.ts';

/** Top-level domains that are also file extensions or names in code: README.md, main.rs, order.id, console.name. */
const fileEndings = new Set(
  `am as bz call cc dot do doc id in map md mk ml mm mo mov name next open pl pm properties ps pub py rs sc sh so st target tf tt watch zip`.split(
    ' ',
  ),
);
/** Domain endings that no registry sells but companies and examples use. */
const privateEndings = ['corp', 'example', 'home', 'internal', 'intranet', 'invalid', 'lan', 'local', 'onion', 'test'];
/** Product names that look like hosts. */
const products = new Set(['asp.net', 'ado.net', 'vb.net', 'ml.net', 'system.io', 'system.net', 'java.io', 'java.net']);

let endings: ReadonlySet<string> | undefined;

/** Whether people would read a word such as "paypal.com" as a host, in any script. */
function isHostName(word: string): boolean {
  endings ??= new Set([...tlds.filter((ending) => !fileEndings.has(ending)), ...privateEndings].map(skeleton));
  const name = word.toLowerCase();
  // A class name: com.example.OrderService.
  if (products.has(name) || /^(?:com|dev|io|net|org)\..*\.\p{Lu}\p{Ll}[\p{L}\p{N}]*$/u.test(word)) return false;
  return name.startsWith('www.') || endings.has(skeleton(name.slice(name.lastIndexOf('.') + 1)));
}

const wholeAddress = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#]*[^\s]*/giu;
/** Not inside a path, a file name or an email address. */
const bareName = /(?<![\p{L}\p{N}_@/\\.-])(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?![\p{L}\p{N}_(])/giu;

/** Whether a link's label could be mistaken for the address of a different host. */
export function misleads(label: string, target: URL): boolean {
  if (target.hostname === '') return false;
  if (findLookAlike(target.hostname) !== undefined) return true;
  // Invisible characters would hide an address from this check but not from the reader.
  const seen = label.normalize('NFKC').replaceAll(/[\p{Cf}\p{Mn}]/gu, '');
  const named = (seen.match(wholeAddress) ?? []).map(hostnameOf);
  const bare = (seen.replaceAll(wholeAddress, ' ').match(bareName) ?? []).filter(isHostName);
  return [...named, ...bare.map((name) => hostnameOf(`https://${name}`))].some(
    (host) => host === undefined || withoutWww(host) !== withoutWww(target.hostname),
  );
}

function hostnameOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, '');
}

/** One warning per host that looks like another. @param own the person's own hosts. */
export function warnOfLookAlikes(hosts: readonly string[], own: readonly string[] = []): string[] {
  return hosts.flatMap((host) => {
    const found = findLookAlike(host, [...own, ...hosts]);
    if (found === undefined) return [];
    const spelled = found.shown === host ? host : `${found.shown} (${host})`;
    return [`${spelled} looks like ${found.like} but is a different host.`];
  });
}

/** A warning about HTML comments that were removed, since readers of Markdown never see them. */
export function warnOfComments(comments: readonly string[]): string[] {
  if (comments.length === 0) return [];
  const shown = comments.map((comment) => (comment.length > 60 ? `${comment.slice(0, 57)}…` : comment));
  return [`HTML comments are removed: ${shown.slice(0, 5).join(' ').replaceAll(/\s+/g, ' ')}`];
}
