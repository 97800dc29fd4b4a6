import * as z from 'zod';

export const postgresSettings = {
  'postgres.host': z.string().default('').describe('Host of the PostgreSQL server. Empty means not connected.'),
  'postgres.port': z.int().min(1).max(65_535).default(5432).describe('Port of the PostgreSQL server.'),
  'postgres.database': z.string().default('').describe('Name of the database.'),
  'postgres.user': z.string().default('').describe('Role to connect as. Use a read-only role.'),
  'postgres.ssl': z
    .enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full'])
    .default('prefer')
    .describe('TLS mode, as defined by libpq.'),
  'postgres.sslRootCert': z
    .string()
    .default('')
    .describe(
      "File with the CA certificate that signed the server's certificate. Leave empty to use the CAs that this machine trusts.",
    ),
  'postgres.maskColumns': z
    .array(z.string())
    .default([])
    .describe('Columns to hide in every result, as table.column or schema.table.column.'),
};

export const postgresSecrets = {
  DB_PASSWORD: 'PostgreSQL password',
} as const;

type Values = z.infer<z.ZodObject<typeof postgresSettings>>;
type Secrets = Readonly<Partial<Record<keyof typeof postgresSecrets, string>>>;

/** The variables of the server; none while it is not connected. */
export function postgresGiven(settings: Values, secrets: Secrets): Record<string, string | undefined> {
  if (settings['postgres.host'] === '') return {};
  return {
    DB_HOST: settings['postgres.host'],
    DB_PORT: String(settings['postgres.port']),
    DB_NAME: settings['postgres.database'],
    DB_USER: settings['postgres.user'],
    DB_PASSWORD: secrets.DB_PASSWORD,
    DB_SSL: settings['postgres.ssl'],
    DB_SSL_ROOT_CERT: settings['postgres.sslRootCert'],
    DB_MASK_COLUMNS: settings['postgres.maskColumns'].join(','),
  };
}
