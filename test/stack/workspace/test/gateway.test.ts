import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';

test('a provider that never answers is a PAYMENT_TIMEOUT', async () => {
  const provider = createServer(() => {});
  provider.listen(0);
  await once(provider, 'listening');
  const address = provider.address();
  assert(address !== null && typeof address === 'object');
  process.env.PAYMENTS_URL = `http://127.0.0.1:${address.port}`;
  const { config } = await import('../src/config.ts');
  config.payments.timeoutMs = 50;
  const { charge } = await import('../src/payments/gateway.ts');
  await assert.rejects(charge({ orderId: 1, amount: 10, currency: 'EUR', token: 'x' }), { code: 'PAYMENT_TIMEOUT' });
  provider.closeAllConnections();
  provider.close();
});
