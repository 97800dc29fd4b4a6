import tlds from 'tlds' with { type: 'json' };
import { findLookAlike, skeleton } from '../contract/look-alike-hosts.ts';

/** Endings of files and names in code that are also top-level domains: README.md, main.rs, order.id, console.name. */
const fileEndings = new Set(
  `am as bz call cc dot do doc id in map md mk ml mm mo mov name next open pl pm properties ps pub py rs sc sh so st target tf tt watch zip`.split(
    ' ',
  ),
);
/** Endings that no registry gives out, but companies and examples use. */
const privateEndings = ['corp', 'example', 'home', 'internal', 'intranet', 'invalid', 'lan', 'local', 'onion', 'test'];
/** Names of products that read like hosts. */
const products = new Set(['asp.net', 'ado.net', 'vb.net', 'ml.net', 'system.io', 'system.net', 'java.io', 'java.net']);

let endings: ReadonlySet<string> | undefined;

/** Whether a word such as "paypal.com" would be read as a host, in whichever letters it is written. */
function isHostName(word: string): boolean {
  endings ??= new Set([...tlds.filter((ending) => !fileEndings.has(ending)), ...privateEndings].map(skeleton));
  const name = word.toLowerCase();
  // A class: com.example.OrderService.
  if (products.has(name) || /^(?:com|dev|io|net|org)\..*\.\p{Lu}\p{Ll}[\p{L}\p{N}]*$/u.test(word)) return false;
  return name.startsWith('www.') || endings.has(skeleton(name.slice(name.lastIndexOf('.') + 1)));
}

const wholeAddress = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#]*[^\s]*/giu;
/** Not inside a path, a file name or a mail address. */
const bareName = /(?<![\p{L}\p{N}_@/\\.-])(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?![\p{L}\p{N}_(])/giu;

/** Whether the label of a link could be taken for the address of another host than the link's. */
export function misleads(label: string, target: URL): boolean {
  if (target.hostname === '') return false;
  if (findLookAlike(target.hostname) !== undefined) return true;
  // Invisible characters would hide an address from this check, not from the reader's eye.
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

/** A sentence for each host that looks like another one. @param own hosts of the person's own. */
export function warnOfLookAlikes(hosts: readonly string[], own: readonly string[] = []): string[] {
  return hosts.flatMap((host) => {
    const found = findLookAlike(host, [...own, ...hosts]);
    if (found === undefined) return [];
    const spelled = found.shown === host ? host : `${found.shown} (${host})`;
    return [`${spelled} looks like ${found.like}, and is another host.`];
  });
}

/** Comments of HTML that were left out, because a reader of Markdown sees none. */
export function warnOfComments(comments: readonly string[]): string[] {
  if (comments.length === 0) return [];
  const shown = comments.map((comment) => (comment.length > 60 ? `${comment.slice(0, 57)}…` : comment));
  return [`Comments of HTML are left out: ${shown.slice(0, 5).join(' ').replaceAll(/\s+/g, ' ')}`];
}
