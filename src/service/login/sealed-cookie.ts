import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type * as z from 'zod';

/** A cookie whose content only this service can read and write, and for which it keeps nothing. */
export interface SealedCookie<Content> {
  /** The value of a Set-Cookie header. */
  readonly set: (content: Content) => Promise<string>;
  readonly clear: () => string;
  /** undefined if there is none, or it is over, or another service or a person wrote it. */
  readonly read: (header: string | undefined) => Promise<Content | undefined>;
}

export interface SealedCookieOptions<Content> {
  readonly name: string;
  readonly secret: string;
  /** Over plain http, which is only for this machine, browsers keep no secure cookies. */
  readonly isSecure: boolean;
  readonly seconds: number;
  readonly schema: z.ZodType<Content>;
}

export function createSealedCookie<Content>(options: SealedCookieOptions<Content>): SealedCookie<Content> {
  const { secret, isSecure, seconds, schema } = options;
  const name = isSecure ? `__Host-${options.name}` : options.name;
  // A key for each purpose, so that one cookie is never taken for another.
  const key = new Uint8Array(hkdfSync('sha256', secret, 'switchboard', options.name, 32));
  const write = (value: string, maxAge: number): string =>
    `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    set: async (content) => {
      const sealed = await new EncryptJWT({ content })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`)
        .encrypt(key);
      return write(sealed, seconds);
    },
    clear: () => write('', 0),
    read: async (header) => {
      const value = valueOf(header ?? '', name);
      if (value === undefined) return undefined;
      try {
        const algorithms = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
        const { payload } = await jwtDecrypt(value, key, { ...algorithms, requiredClaims: ['exp'] });
        return schema.safeParse(payload['content']).data;
      } catch {
        return undefined;
      }
    },
  };
}

function valueOf(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value !== undefined && value !== '') return value;
  }
  return undefined;
}
