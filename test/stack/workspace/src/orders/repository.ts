import type { Pool } from 'pg';
import { config } from '../config.ts';
import type { CheckoutErrorCode } from '../errors.ts';

export interface OrderRepository {
  start(customerId: number, total: number): Promise<number>;
  markPaid(orderId: number): Promise<void>;
  markFailed(orderId: number, code: CheckoutErrorCode): Promise<void>;
}

const release = process.env.RELEASE ?? 'development';

export function createOrderRepository(pool: Pool): OrderRepository {
  return {
    start: async (customerId, total) => {
      const result = await retried(() =>
        pool.query(
          `insert into orders (customer_id, status, total, release, created_at, updated_at)
           values ($1, 'pending', $2, $3, now(), now()) returning id`,
          [customerId, total, release],
        ),
      );
      return Number(result.rows[0].id);
    },
    markPaid: async (orderId) => {
      await retried(() => pool.query(`update orders set status = 'paid', updated_at = now() where id = $1`, [orderId]));
    },
    markFailed: async (orderId, code) => {
      await retried(() =>
        pool.query(`update orders set status = 'failed', error_code = $2, updated_at = now() where id = $1`, [orderId, code]),
      );
    },
  };
}

/** Serialization failures (SQLSTATE 40001) are the database's way of saying: once more. */
async function retried<Value>(run: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== '40001' || attempt === config.orders.writeAttempts) throw error;
    }
  }
}
