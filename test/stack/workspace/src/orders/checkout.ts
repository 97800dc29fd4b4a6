import { CheckoutError } from '../errors.ts';
import { charge } from '../payments/gateway.ts';
import { checkAddress, type Address } from './address.ts';
import type { OrderRepository } from './repository.ts';

export interface Basket {
  readonly customerId: number;
  readonly lines: readonly { readonly productId: number; readonly quantity: number; readonly price: number }[];
  readonly address: Address;
  readonly paymentToken: string;
}

/** Places an order. A failed one is kept, with the code of what failed, and the error goes on to the caller. */
export async function checkout(basket: Basket, orders: OrderRepository): Promise<number> {
  const total = basket.lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  const orderId = await orders.start(basket.customerId, total);
  try {
    checkAddress(basket.address);
    await charge({ orderId, amount: total, currency: 'EUR', token: basket.paymentToken });
    await orders.markPaid(orderId);
    return orderId;
  } catch (error) {
    if (error instanceof CheckoutError) await orders.markFailed(orderId, error.code);
    throw error;
  }
}
