import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/caller.ts';
import { claimAt, words } from './claims.ts';
import type { Identity } from './identity.ts';
import { CannotVerifyError, type VerifyJwt } from './jwt.ts';
import type { Policy } from './policy.ts';
import { refuse, type Refusal } from './refusal.ts';
import type { StaticTokens } from './static-tokens.ts';

/** A caller and what the token allows. */
export interface Principal {
  readonly caller: Caller;
  /** 'all': only this machine can connect, and no authentication is required. */
  readonly scopes: 'all' | ReadonlySet<string>;
}

export interface Verifiers {
  readonly jwt: VerifyJwt | undefined;
  readonly tokens: StaticTokens | undefined;
  readonly policy: Policy | undefined;
  /** The `WWW-Authenticate` header of a rejection. */
  readonly challenge: (parameters: Record<string, string>) => string;
}

/** How long a verified token stays cached, and so how long a revoked key remains valid. */
const rememberMs = 60_000;
const maxRemembered = 10_000;

const nobody: Principal = {
  caller: {
    id: 'local',
    subject: 'local',
    actor: 'local',
    names: { sub: undefined, email: undefined },
    claim: () => [],
    places: undefined,
  },
  scopes: 'all',
};

export type Authenticate = (request: IncomingMessage) => Promise<Principal | Refusal>;

export function createAuthenticate(verifiers: Verifiers): Authenticate {
  const { jwt, tokens, challenge } = verifiers;
  if (jwt === undefined && tokens === undefined) return () => Promise.resolve(nobody);
  const remembered = new Map<string, { principal: Principal; until: number }>();
  const unauthorized = (why: string, parameters: Record<string, string>): Refusal =>
    refuse(401, why, 'A valid access token is needed.', { 'www-authenticate': challenge(parameters) });
  const invalid = (why: string): Refusal => unauthorized(why, { error: 'invalid_token' });

  const verify = async (token: string): Promise<{ principal: Principal; until: number } | Refusal> => {
    const handedOut = await tokens?.find(token);
    // The file is reread when it changes, so nothing is cached.
    if (handedOut !== undefined) return { principal: toPrincipal(handedOut, verifiers.policy), until: 0 };
    if (jwt === undefined) return invalid('unknown token');
    const verified = await jwt(token);
    if ('why' in verified) return invalid(verified.why);
    const until = Math.min(verified.until, Date.now() + rememberMs);
    return { principal: toPrincipal(verified.identity, verifiers.policy), until };
  };

  return async (request) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return unauthorized('no token', {});
    const token = /^Bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)$/iu.exec(authorization)?.groups?.['token'];
    if (token === undefined || token.length > 16_384) return invalid('not a bearer token');
    const digest = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(digest);
    if (known !== undefined && known.until > Date.now()) return known.principal;
    remembered.delete(digest);
    try {
      const verified = await verify(token);
      if ('status' in verified) return verified;
      if (verified.until > Date.now()) {
        const [oldest] = remembered.keys();
        if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
        remembered.set(digest, verified);
      }
      return verified.principal;
    } catch (error) {
      const message = 'The token cannot be checked now. Try again later.';
      const why = error instanceof CannotVerifyError ? error.message : `cannot check tokens: ${String(error)}`;
      return refuse(503, why, message, { 'retry-after': '5' });
    }
  };
}

function toPrincipal(identity: Identity, policy: Policy | undefined): Principal {
  const { issuer, subject, actor, scopes, groups, claims } = identity;
  const { email, email_verified: isVerified } = claims;
  const id = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
  return {
    caller: {
      id,
      subject: `${issuer} ${subject}`,
      actor,
      names: { sub: subject, email: typeof email === 'string' && isVerified === true ? email : undefined },
      claim: (path) => words(claimAt(claims, path)),
      places: policy?.(groups),
    },
    scopes: new Set(scopes),
  };
}
