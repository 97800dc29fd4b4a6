import type { Client } from 'pg';
import { ToolError } from '../../kit/errors.ts';
import { ConfigurationError } from '../../kit/errors.ts';
import type { Parameters } from '../config/parameters-known.ts';

/**
 * How the server may authenticate us. https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
 */
export interface AuthenticationRules {
  readonly channelBinding: 'disable' | 'prefer' | 'require' | undefined;
  /** Methods by libpq's names; undefined allows all. */
  readonly methods: ReadonlySet<string> | undefined;
}

const known = ['password', 'md5', 'scram-sha-256', 'none'];

/** @throws ConfigurationError for guarantees that are not supported. */
export function readAuthentication(parameters: Parameters): AuthenticationRules {
  const binding = parameters['channel_binding'];
  const channelBinding = (['disable', 'prefer', 'require'] as const).find((one) => one === binding);
  if (binding !== undefined && channelBinding === undefined)
    throw new ConfigurationError('channel_binding: must be disable, prefer or require');
  if (parameters['gssencmode'] === 'require')
    throw new ConfigurationError('gssencmode=require: encryption by GSSAPI is not supported; use sslmode');
  const listed = parameters['require_auth']?.split(',').map((one) => one.trim());
  if (listed === undefined) return { channelBinding, methods: undefined };
  const refused = listed.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  const methods = refused.length > 0 ? known.filter((one) => !refused.includes(one)) : listed;
  return { channelBinding, methods: new Set(methods) };
}

/**
 * Checks how the server authenticates before a password is sent.
 * @returns a check that throws if the rules are violated. Call it before giving the password, and again once connected.
 */
export function watchAuthentication(client: Client, rules: AuthenticationRules, encrypted: boolean): () => void {
  let method = 'none';
  let binds = false;
  client.connection.on('authenticationCleartextPassword', () => (method = 'password'));
  client.connection.on('authenticationMD5Password', () => (method = 'md5'));
  client.connection.on('authenticationSASL', (message: { readonly mechanisms: readonly string[] }) => {
    method = 'scram-sha-256';
    binds = encrypted && message.mechanisms.includes('SCRAM-SHA-256-PLUS');
  });
  return () => {
    if (rules.channelBinding === 'require' && !binds)
      throw new ToolError(
        'unauthorized',
        `channel_binding=require: the server asks for ${method === 'none' ? 'no password' : method} ${encrypted ? 'without' : 'on a connection without TLS, so without'} channel binding.`,
        { hint: 'Connect directly to the server with sslmode=require or stricter, or omit channel_binding.' },
      );
    if (rules.methods !== undefined && !rules.methods.has(method))
      throw new ToolError(
        'unauthorized',
        `require_auth: the server asks for ${method === 'none' ? 'no password' : method}, which is not among ${[...rules.methods].join(', ')}.`,
      );
  };
}
