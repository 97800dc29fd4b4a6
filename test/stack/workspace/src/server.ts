import { createServer } from 'node:http';
import { Pool } from 'pg';
import { config } from './config.ts';
import { CheckoutError } from './errors.ts';
import { checkout, type Basket } from './orders/checkout.ts';
import { createOrderRepository } from './orders/repository.ts';

const orders = createOrderRepository(new Pool({ connectionString: config.database }));

createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/checkout') {
    response.writeHead(404).end();
    return;
  }
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const basket = JSON.parse(Buffer.concat(parts).toString()) as Basket;
    const orderId = await checkout(basket, orders);
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ orderId }));
  } catch (error) {
    const known = error instanceof CheckoutError;
    response.writeHead(known ? 422 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { code: error.code, message: error.message } : { code: 'INTERNAL' }));
    console.error(error);
  }
}).listen(config.port);
