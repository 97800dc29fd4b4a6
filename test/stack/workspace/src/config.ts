/** Settings of the service. Everything that differs between environments comes from variables. */
export const config = {
  port: Number(process.env.PORT ?? 8080),
  database: process.env.DATABASE_URL ?? 'postgres://localhost/shop',
  payments: {
    url: process.env.PAYMENTS_URL ?? 'https://payments.example.com',
    /** How long a charge may take before checkout gives up, in milliseconds. */
    timeoutMs: 3_000,
    /** Charges are never retried: a charge that timed out may still have gone through. */
    attempts: 1,
  },
  orders: {
    /** Attempts to write an order when the database reports a serialization failure. */
    writeAttempts: 3,
  },
};
