import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import * as z from 'zod';
import { claimAt, words } from '../../../servers/kit/http/claims.ts';
import type { Log } from '../../../servers/kit/log.ts';
import { text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import type { LoginProvider } from './provider.ts';
import type { Visitor } from './visitor.ts';
import { createSealedCookie, type SealedCookie } from './sealed-cookie.ts';

export interface BrowserLoginOptions {
  readonly provider: LoginProvider;
  readonly issuer: string;
  /** Seals the cookies: replicas share it, and a new one ends all logins. */
  readonly secret: string;
  readonly serviceUrl: string;
  readonly scope: string;
  readonly groupsClaim: string;
  /** Only these are kept of a person's groups. */
  readonly groups: readonly string[];
  readonly log: Log;
}

export interface BrowserLogin {
  readonly module: RouteModule;
  /** Who is signed in with this browser. */
  readonly visitorOf: (request: IncomingMessage) => Promise<Visitor | undefined>;
  /** Sends a browser to the identity provider, and then back to this page. */
  readonly begin: (to: string) => Answer;
}

const sessionSeconds = 8 * 3600;
const loginSeconds = 600;
const sessionSchema = z.object({
  actor: z.string(),
  subject: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()),
});
const loginSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });
/** Only our own pages: anything else would send people elsewhere after a login. */
const ownPage = /^\/(?:runs\/[A-Za-z0-9_-]{1,80}(?:\/postmortem\.md)?|approvals\/[0-9a-f-]{36})$/u;

interface Cookies {
  readonly session: SealedCookie<z.infer<typeof sessionSchema>>;
  readonly login: SealedCookie<z.infer<typeof loginSchema>>;
}

/** Signs people in with the company's identity provider. Nothing is stored: the cookies hold it, sealed. */
export function createBrowserLogin(options: BrowserLoginOptions): BrowserLogin {
  const { secret, serviceUrl } = options;
  const cookie = { secret, isSecure: serviceUrl.startsWith('https:') };
  const session = createSealedCookie({
    ...cookie,
    name: 'switchboard-session',
    seconds: sessionSeconds,
    schema: sessionSchema,
  });
  const login = createSealedCookie({
    ...cookie,
    name: 'switchboard-login',
    seconds: loginSeconds,
    schema: loginSchema,
  });
  const cookies: Cookies = { session, login };
  const signOut = (): Answer => text(200, 'You are signed out here.', { 'set-cookie': session.clear() });
  return {
    module: {
      routes: [
        { method: 'GET', path: '/login', handle: (call) => start(call, options, cookies) },
        { method: 'GET', path: '/login/callback', handle: (call) => finish(call, options, cookies) },
        { method: 'GET', path: '/logout', handle: () => Promise.resolve(signOut()) },
      ],
    },
    visitorOf: async (request) => {
      const found = await session.read(request.headers.cookie);
      return found === undefined ? undefined : { ...found, email: found.email, scopes: new Set<string>() };
    },
    begin: (to) => redirect(`/login?to=${encodeURIComponent(to)}`),
  };
}

async function start({ url }: Call, options: BrowserLoginOptions, cookies: Cookies): Promise<Answer> {
  const to = url.searchParams.get('to') ?? '';
  if (!ownPage.test(to)) return text(400, 'There is no such page to go to.');
  const begun = { state: random(), nonce: random(), verifier: random(), to };
  try {
    const target = await options.provider.authorizationUrl({
      response_type: 'code',
      redirect_uri: redirectUri(options),
      scope: options.scope,
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: createHash('sha256').update(begun.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return redirect(target.href, await cookies.login.set(begun));
  } catch (error) {
    return failed(error, options, cookies);
  }
}

async function finish({ url, request }: Call, options: BrowserLoginOptions, cookies: Cookies): Promise<Answer> {
  const begun = await cookies.login.read(request.headers.cookie);
  const { code, state, iss } = Object.fromEntries(url.searchParams);
  if (begun === undefined || !isSame(state ?? '', begun.state))
    return text(400, 'This login was not begun here, or is over. Open the page again.');
  // RFC 9207: the answer of another provider is not taken for that of this one.
  if (iss !== undefined && iss !== options.issuer) return text(400, 'This answer is from another identity provider.');
  if (code === undefined) return text(403, 'You were not signed in.', { 'set-cookie': cookies.login.clear() });
  try {
    const { verifier, nonce, to } = begun;
    const claims = await options.provider.redeem({ code, verifier, nonce, redirectUri: redirectUri(options) });
    return redirect(to, await cookies.session.set(toSession(claims, options)));
  } catch (error) {
    return failed(error, options, cookies);
  }
}

function redirectUri({ serviceUrl }: BrowserLoginOptions): string {
  return `${serviceUrl}/login/callback`;
}

function failed(error: unknown, { log }: BrowserLoginOptions, { login }: Cookies): Answer {
  log('warn', 'a login failed', { error: error instanceof Error ? error.message : String(error) });
  return text(502, 'You could not be signed in. Try again later.', { 'set-cookie': login.clear() });
}

function toSession(
  claims: JWTPayload,
  { issuer, groupsClaim, groups }: BrowserLoginOptions,
): z.infer<typeof sessionSchema> {
  const { sub = '', email, email_verified: isVerified, preferred_username: name } = claims;
  const readable = [email, name, sub].find((each) => typeof each === 'string' && each !== '');
  return {
    actor: typeof readable === 'string' ? readable : sub,
    subject: `${issuer} ${sub}`,
    ...(typeof email === 'string' && isVerified === true && { email }),
    groups: words(claimAt(claims, groupsClaim)).filter((group) => groups.includes(group)),
  };
}

function redirect(location: string, cookie?: string): Answer {
  return { status: 302, headers: { location, ...(cookie !== undefined && { 'set-cookie': cookie }) } };
}

function random(): string {
  return randomBytes(32).toString('base64url');
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
