import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';
import { claimAt, words } from './claims.ts';
import type { Identity } from './identity.ts';
import { isSafeAddress } from './settings.ts';

export interface JwtSettings {
  readonly issuer: string;
  /** The URL of the issuer's keys; found through its metadata if undefined. */
  readonly jwks: string | undefined;
  /** Any of these. */
  readonly audience: () => readonly string[];
  readonly algorithms: readonly string[];
  readonly actorClaim: string | undefined;
  readonly groupsClaim: string;
  readonly fetch: typeof fetch;
}

/** The token cannot be checked now, as opposed to being invalid. */
export class CannotVerifyError extends Error {
  override readonly name = 'CannotVerifyError';
}

/** @returns the holder of a token; undefined if it is not valid here, with the reason for the log in `why`. */
export type VerifyJwt = (token: string) => Promise<{ identity: Identity; until: number } | { why: string }>;

const clockToleranceSeconds = 30;
const requestTimeoutMs = 5_000;
/** Protects the issuer from a flood of tokens with unknown keys: it is asked at most this often. */
const cooldownMs = 30_000;
const tokenTypes = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

export function createJwtVerifier(settings: JwtSettings): VerifyJwt {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let failedAt = -Infinity;
  const findKeys = (): Promise<JWTVerifyGetKey> => {
    if (performance.now() - failedAt < cooldownMs / 6) throw new CannotVerifyError('the issuer did not answer');
    keys ??= openKeys(settings).catch((error: unknown) => {
      keys = undefined;
      failedAt = performance.now();
      throw new CannotVerifyError('the issuer did not answer', { cause: error });
    });
    return keys;
  };
  return async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, await findKeys(), {
        issuer: settings.issuer,
        audience: [...settings.audience()],
        algorithms: [...settings.algorithms],
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub', 'iss', 'aud'],
      });
      if (protectedHeader.crit !== undefined) return { why: 'critical extension' };
      if (!tokenTypes.has(protectedHeader.typ?.toLowerCase() ?? '')) return { why: 'not an access token' };
      const until = (payload.exp ?? 0) * 1000;
      return { identity: toIdentity(payload, settings), until };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || (error instanceof TypeError && error.message === 'fetch failed'))
        throw new CannotVerifyError('the issuer did not answer', { cause: error });
      if (error instanceof errors.JOSEError) return { why: error.code };
      throw error;
    }
  };
}

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });

async function openKeys({ issuer, jwks, fetch }: JwtSettings): Promise<JWTVerifyGetKey> {
  const address = jwks ?? (await discover(issuer, fetch));
  return createRemoteJWKSet(new URL(address), {
    cooldownDuration: cooldownMs,
    timeoutDuration: requestTimeoutMs,
    [customFetch]: (url, options) => fetch(url, options),
  });
}

/** RFC 8414, or OpenID Connect discovery if that is not served. */
async function discover(issuer: string, get: typeof fetch): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/u, '');
  const addresses = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const address of addresses) {
    const response = await get(address, { redirect: 'error', signal: AbortSignal.timeout(requestTimeoutMs) });
    const { data } = response.ok ? metadataSchema.safeParse(await response.json()) : {};
    if (data === undefined) continue;
    if (data.issuer !== issuer) throw new Error(`the metadata of ${issuer} is of another issuer`);
    if (!isSafeAddress(data.jwks_uri)) throw new Error(`the keys of ${issuer} are not at an https address`);
    return data.jwks_uri;
  }
  throw new Error(`${issuer} publishes no metadata`);
}

function toIdentity(payload: JWTPayload, { actorClaim, groupsClaim }: JwtSettings): Identity {
  const readable = (actorClaim === undefined ? ['email', 'preferred_username'] : [actorClaim])
    // An address that the issuer has not verified could be anybody's.
    .filter((name) => name !== 'email' || payload['email_verified'] !== false)
    .map((name) => payload[name])
    .find((value) => typeof value === 'string' && value !== '');
  const subject = payload.sub ?? '';
  return {
    issuer: payload.iss ?? '',
    subject,
    actor: typeof readable === 'string' ? readable.slice(0, 200) : subject,
    // Entra and Okta use `scp`.
    scopes: [...words(payload['scope']), ...words(payload['scp'])],
    groups: words(claimAt(payload, groupsClaim)),
    claims: payload,
  };
}
