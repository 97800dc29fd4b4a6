import { parse } from 'pg-connection-string';
import { ConfigurationError } from '../../kit/errors.ts';
import { sortParameters } from './parameters-known.ts';

/** The values of a connection string by libpq's names; several hosts and ports are comma-separated, as in libpq. */
export interface Said {
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of parameters that are ignored here. */
  readonly ignored: readonly string[];
}

const form =
  /^(?:jdbc:)?(?:postgres(?:ql)?|postgis|cockroach(?:db)?)(?:\+\w+)?:\/\/(?:([^/]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?(.*))?$/is;
const scheme = 'postgres';

/**
 * A URL, or `host=... dbname=...` as in libpq. Also with what is copied along with it: quotes, `psql`, `jdbc:`, the driver's
 * name.
 * @throws ConfigurationError for anything else.
 */
export function readConnectionString(variable: string, text: string): Said {
  const given = unwrap(text);
  if (/^[a-z_]+\s*=/.test(given)) return sortParameters(variable, readKeywords(variable, given));
  const match = form.exec(given);
  if (match === null)
    throw new ConfigurationError(`${variable} must be a URL such as postgres://user:password@host:5432/database`);
  const [, account, hosts = '', path = '', query = ''] = match;
  for (const part of [account ?? '', hosts, path]) checkEncoding(variable, part);
  const search = new URLSearchParams(query);
  const [first = '', ...others] = splitHosts(hosts);
  const main = parseOne(
    variable,
    `${scheme}://${account === undefined ? '' : `${encode(account)}@`}${first}${encode(path)}`,
  );
  const further = others.map((host) => parseOne(variable, `${scheme}://${host}`));
  const said = sortParameters(variable, search);
  const all = [main, ...further];
  const own = {
    host: all.map(({ host }) => host ?? '').join(','),
    port: all.some(({ port }) => port) ? all.map(({ port }) => port || '5432').join(',') : '',
    user: main.user ?? '',
    password: main.password ?? '',
    dbname: main.database ?? '',
  };
  const parameters: Record<string, string> = { ...said.parameters };
  for (const [name, value] of Object.entries(own)) if (value.replaceAll(',', '') !== '') parameters[name] ??= value;
  if (parameters['service'] === undefined) parameters['host'] ??= 'localhost';
  return { parameters, ignored: said.ignored };
}

function unwrap(text: string): string {
  const given = text.trim().replace(/^psql\s+(?=["']?postgres)/i, '');
  return /^(["'])(.*)\1$/s.exec(given)?.[2]?.trim() ?? given;
}

/** Commas separate hosts; an IPv6 address in brackets contains none. */
function splitHosts(hosts: string): string[] {
  return hosts.split(',').map((host) => host.trim());
}

/** Everything except the parameters, because pg-connection-string would open the files that they name. */
function parseOne(variable: string, url: string) {
  try {
    return parse(url.replace(/^(postgres:\/\/)(?=\/)/, '$1@').replace(/^postgres:\/\/$/, 'postgres://@/'));
  } catch (error) {
    throw new ConfigurationError(`${variable} must be a URL such as postgres://user:password@host:5432/database`, {
      cause: error,
    });
  }
}

/** Characters that people leave unescaped in passwords and that would end the password. */
function encode(part: string): string {
  return part.replaceAll(/[^A-Za-z0-9%._~!$&'()*+,;=:/-]/gu, (character) => encodeURIComponent(character));
}

function checkEncoding(variable: string, part: string): void {
  try {
    decodeURIComponent(part);
  } catch (error) {
    throw new ConfigurationError(`${variable}: a part is not percent-encoded correctly (write % as %25)`, {
      cause: error,
    });
  }
}

/** `key = 'value with \' and \\'`. https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function readKeywords(variable: string, text: string): [string, string][] {
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))(?=\s|$)/gsy;
  const found: [string, string][] = [];
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match?.[1] === undefined)
      throw new ConfigurationError(`${variable}: write it as a URL, or as host=... port=... dbname=... user=...`);
    found.push([match[1], (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gs, '$1')]);
  }
  return found;
}
