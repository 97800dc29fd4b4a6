export function secretInput(
  stored: string | undefined,
  rule: { readonly prefix?: string; readonly optional?: boolean } = {},
) {
  const keep = stored === undefined ? undefined : 'Already stored. Leave empty to keep it.';
  return {
    password: true,
    ...(keep !== undefined && { placeholder: keep }),
    check: (text: string): string | undefined => {
      if (text === '') return stored !== undefined || rule.optional === true ? undefined : 'Required to connect.';
      if (/\s/u.test(text)) return 'It contains a space or a line break. Copy it again.';
      if (rule.prefix !== undefined && !text.startsWith(rule.prefix)) return `It must start with ${rule.prefix}`;
      return undefined;
    },
  };
}

export function required(text: string): string | undefined {
  return text === '' ? 'Required to connect.' : undefined;
}

export function isAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//u.test(text);
}

export function checkHost(text: string): string | undefined {
  if (text === '') return 'Required to connect.';
  if (!isAddress(text))
    return /[\s/@]/u.test(text) ? 'Enter a host name such as db.example.com, without a path.' : undefined;
  if (!URL.canParse(text) || !canDecode(text)) return 'Invalid URL. Use the form postgres://user@host:port/database';
  const { hostname, pathname, username, password } = new URL(text);
  // The input box does not hide what is typed.
  if (password !== '') return 'Remove the password. You can enter it hidden in a later step.';
  return hostname === '' || pathname.length < 2 || username === ''
    ? 'The URL needs a user, a host and a database: postgres://user@host/database'
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
    if (!URL.canParse(text)) return `Enter a full URL, such as ${example}`;
    const { protocol, hostname, username } = new URL(text);
    if (username !== '') return 'Remove the user name. You can enter the token in a later step.';
    const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    return protocol === 'https:' || (protocol === 'http:' && loopback) ? undefined : 'The URL must start with https://';
  };
}
