import { l10n } from 'vscode';
export function secretInput(
  stored: string | undefined,
  rule: { readonly prefix?: string; readonly optional?: boolean } = {},
) {
  const keep = stored === undefined ? undefined : l10n.t('Already stored. Leave empty to keep it.');
  return {
    password: true,
    ...(keep !== undefined && { placeholder: keep }),
    check: (text: string): string | undefined => {
      if (text === '')
        return stored !== undefined || rule.optional === true ? undefined : l10n.t('Required to connect.');
      if (/\s/u.test(text)) return l10n.t('It contains a space or a line break. Copy it again.');
      if (rule.prefix !== undefined && !text.startsWith(rule.prefix))
        return l10n.t('It must start with {0}', rule.prefix);
      return undefined;
    },
  };
}

export function required(text: string): string | undefined {
  return text === '' ? l10n.t('Required to connect.') : undefined;
}

export function isAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//u.test(text);
}

export function checkHost(text: string): string | undefined {
  if (text === '') return l10n.t('Required to connect.');
  if (!isAddress(text))
    return /[\s/@]/u.test(text) ? l10n.t('Enter a host name such as db.example.com, without a path.') : undefined;
  if (!URL.canParse(text) || !canDecode(text))
    return l10n.t('Invalid URL. Use the form postgres://user@host:port/database');
  const { hostname, pathname, username, password } = new URL(text);
  // The input box does not hide what is typed.
  if (password !== '') return l10n.t('Remove the password. You can enter it hidden in a later step.');
  return hostname === '' || pathname.length < 2 || username === ''
    ? l10n.t('The URL needs a user, a host and a database: postgres://user@host/database')
    : undefined;
}

/** False for a URL that parses but has a stray `%`. */
function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** @param example of a full URL. */
export function checkHttpsUrl(example: string) {
  return (text: string): string | undefined => {
    if (!URL.canParse(text)) return l10n.t('Enter a full URL, such as {0}', example);
    const { protocol, hostname, username } = new URL(text);
    if (username !== '') return l10n.t('Remove the user name. You can enter the token in a later step.');
    const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    return protocol === 'https:' || (protocol === 'http:' && loopback)
      ? undefined
      : l10n.t('The URL must start with https://');
  };
}
