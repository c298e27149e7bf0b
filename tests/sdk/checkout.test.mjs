// Checkout sessions and payment links, paid on their pages as a customer would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripe } from './shop.mjs';

const { sessions } = stripe.checkout;

const card = { email: 'ada@example.com', number: '4242424242424242', expiry: '12/34', cvc: '123', name: 'Ada' };
const submit = (url) => fetch(url, { method: 'POST', body: new URLSearchParams(card), redirect: 'manual' });
const item = (amount, more = {}) => ({
  quantity: 1,
  price_data: { currency: 'usd', unit_amount: amount, product_data: { name: 'Tea' }, ...more },
});

test('a session is paid on its page', async () => {
  const made = await sessions.create({
    mode: 'payment',
    line_items: [item(1800)],
    success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}',
  });
  assert.equal(made.payment_status, 'unpaid');
  await sessions.update(made.id, { metadata: { order: '7' } });
  const answer = await submit(made.url);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), `https://example.com/done?session=${made.id}`);
  const paid = await sessions.retrieve(made.id, { expand: ['payment_intent'] });
  assert.deepEqual([paid.status, paid.payment_status, paid.metadata.order], ['complete', 'paid', '7']);
  assert.equal(paid.payment_intent.amount_received, 1800);
  const lines = await sessions.listLineItems(made.id);
  assert.equal(lines.data[0].amount_total, 1800);
  assert.equal((await sessions.list({ limit: 1 })).data[0].id, made.id);
});

test('a session begins a subscription, another is expired', async () => {
  const made = await sessions.create({
    mode: 'subscription',
    line_items: [item(900, { recurring: { interval: 'month' } })],
    success_url: 'https://example.com/done',
  });
  assert.equal((await submit(made.url)).status, 303);
  const done = await sessions.retrieve(made.id, { expand: ['subscription'] });
  assert.equal(done.subscription.status, 'active');
  const left = await sessions.create({ mode: 'payment', line_items: [item(500)], success_url: 'https://example.com/done' });
  assert.equal((await sessions.expire(left.id)).status, 'expired');
});

test('a payment link opens a session of its own each time', async () => {
  const price = await stripe.prices.create({ currency: 'usd', unit_amount: 700, product_data: { name: 'Mug' } });
  const link = await stripe.paymentLinks.create({ line_items: [{ price: price.id, quantity: 2 }] });
  assert.equal(link.active, true);
  assert.equal((await stripe.paymentLinks.listLineItems(link.id)).data[0].quantity, 2);
  const opened = await fetch(link.url, { redirect: 'manual' });
  assert.equal(opened.status, 303);
  const [session] = (await sessions.list({ payment_link: link.id })).data;
  await submit(session.url);
  assert.equal((await sessions.retrieve(session.id)).amount_total, 1400);
  assert.equal((await stripe.paymentLinks.update(link.id, { active: false })).active, false);
  assert.equal((await stripe.paymentLinks.retrieve(link.id)).active, false);
  assert.ok((await stripe.paymentLinks.list()).data.some((one) => one.id === link.id));
});
