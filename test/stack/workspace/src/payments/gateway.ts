import { config } from '../config.ts';
import { CheckoutError } from '../errors.ts';

export interface Charge {
  readonly orderId: number;
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
}

export interface Receipt {
  readonly id: string;
  readonly durationMs: number;
}

/**
 * Charges the customer once.
 * @throws CheckoutError with CARD_DECLINED or PAYMENT_TIMEOUT
 */
export async function charge(request: Charge): Promise<Receipt> {
  const started = performance.now();
  const response = await send(request);
  if (response.status === 402) throw new CheckoutError('CARD_DECLINED', 'Your card was declined.');
  if (!response.ok) throw new Error(`payment provider answered ${response.status}`);
  const { id } = (await response.json()) as { id: string };
  return { id, durationMs: Math.round(performance.now() - started) };
}

async function send(request: Charge): Promise<Response> {
  try {
    return await fetch(`${config.payments.url}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `order-${request.orderId}` },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(config.payments.timeoutMs),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      throw new CheckoutError('PAYMENT_TIMEOUT', 'The payment took too long. You have not been charged.', { cause: error });
    }
    throw error;
  }
}
