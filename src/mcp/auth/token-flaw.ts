import * as z from 'zod';

const claimsSchema = z.looseObject({
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: z.number().optional(),
});

/**
 * What a JWT says about itself that explains why it was rejected, to tell the user. It proves nothing. Continues a
 * sentence that begins with the token.
 */
export function flawOfToken(token: string | undefined, url: string, now = Date.now()): string | undefined {
  const claims = claimsOf(token ?? '');
  if (claims === undefined) return undefined;
  const audience = [claims.aud ?? []].flat();
  const trim = (text: string): string => text.replace(/\/$/u, '');
  if (audience.length > 0 && !audience.some((each) => trim(each) === trim(url))) {
    return `is for ${audience.join(', ')}, not for ${url}. Have the authorization server issue tokens with that audience`;
  }
  const expired = claims.exp !== undefined && claims.exp * 1000 < now;
  return expired ? `expired on ${new Date((claims.exp ?? 0) * 1000).toISOString()}` : undefined;
}

function claimsOf(token: string): z.infer<typeof claimsSchema> | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
