// Webhook endpoints, and what the library says of a signature made here.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { refused, stripe, turn, pay } from './shop.mjs';

test('an endpoint is told of an event that the library finds well signed', async () => {
  const heard = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      response.end();
      heard.push({ body, signature: request.headers['stripe-signature'] });
      server.emit('heard');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrival = once(server, 'heard');
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  const made = await stripe.webhookEndpoints.create({ url, enabled_events: ['customer.created'] });
  const customer = await stripe.customers.create({ name: 'Ada' });
  await arrival;
  server.close();
  const event = stripe.webhooks.constructEvent(heard[0].body, heard[0].signature, made.secret);
  assert.equal(event.type, 'customer.created');
  assert.equal(event.data.object.id, customer.id);
  assert.throws(() => stripe.webhooks.constructEvent(heard[0].body + ' ', heard[0].signature, made.secret));

  assert.equal((await stripe.webhookEndpoints.update(made.id, { disabled: true })).status, 'disabled');
  assert.equal((await stripe.webhookEndpoints.retrieve(made.id)).secret, undefined);
  assert.ok((await stripe.webhookEndpoints.list()).data.some((one) => one.id === made.id));
  assert.equal((await stripe.webhookEndpoints.del(made.id)).deleted, true);
  const far = await refused(stripe.webhookEndpoints.create({ url: 'https://example.com/', enabled_events: ['*'] }));
  assert.equal(far.param, 'url');
});

test('a refund that waits for the customer runs out', async () => {
  const paid = await pay(900, 'pm_card_pendingRefund');
  const refund = await stripe.refunds.create({ payment_intent: paid.id });
  await turn(`refunds/${refund.id}`, { state: 'requires_action' });
  assert.equal((await stripe.testHelpers.refunds.expire(refund.id)).status, 'failed');
});
