// Customers with what they pay with: payment methods and setup intents.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customer, refused, stripe, turn, wait } from './shop.mjs';

test('customers are listed and found', async () => {
  const email = `sdk-${Date.now()}@example.com`;
  const made = await stripe.customers.create({ name: 'Grace', email });
  assert.deepEqual((await stripe.customers.list({ email })).data.map((one) => one.id), [made.id]);
  await wait();
  const found = await stripe.customers.search({ query: `email:"${email}"` });
  assert.deepEqual(found.data.map((one) => one.id), [made.id]);
});

test('a card is attached, listed, changed and detached for good', async () => {
  const owner = await customer(null);
  const card = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } });
  assert.equal(card.customer, null);
  const attached = await stripe.paymentMethods.attach(card.id, { customer: owner });
  assert.equal(attached.customer, owner);
  const changed = await stripe.paymentMethods.update(card.id, { billing_details: { name: 'Ada L.' } });
  assert.equal(changed.billing_details.name, 'Ada L.');
  assert.equal((await stripe.paymentMethods.list({ customer: owner, type: 'card' })).data[0].id, card.id);
  assert.equal((await stripe.customers.listPaymentMethods(owner)).data[0].id, card.id);
  assert.equal((await stripe.customers.retrievePaymentMethod(owner, card.id)).card.brand, 'mastercard');
  assert.equal((await stripe.paymentMethods.detach(card.id)).customer, null);
  assert.equal((await stripe.paymentMethods.retrieve(card.id)).customer, null);
  const again = await refused(stripe.paymentMethods.attach(card.id, { customer: owner }));
  assert.equal(again.statusCode, 400);
});

test('a setup intent keeps a card for later', async () => {
  const owner = await customer(null);
  const made = await stripe.setupIntents.create({ customer: owner, allowed_payment_method_types: ['card'] });
  assert.equal(made.status, 'requires_payment_method');
  await stripe.setupIntents.update(made.id, { metadata: { purpose: 'later' } });
  const done = await stripe.setupIntents.confirm(made.id, { payment_method: 'pm_card_visa' });
  assert.equal(done.status, 'succeeded');
  assert.equal((await stripe.setupIntents.retrieve(made.id)).metadata.purpose, 'later');
  assert.equal((await stripe.paymentMethods.retrieve(done.payment_method)).customer, owner);
  assert.equal((await stripe.setupIntents.list({ customer: owner })).data.length, 1);

  const asks = await stripe.setupIntents.create({
    customer: owner,
    allowed_payment_method_types: ['card'],
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    return_url: 'https://example.com/back',
  });
  assert.equal(asks.status, 'requires_action');
  await turn(`payments/${asks.id}`, { outcome: 'pass' });
  assert.equal((await stripe.setupIntents.retrieve(asks.id)).status, 'succeeded');

  const left = await stripe.setupIntents.create({ customer: owner });
  assert.equal((await stripe.setupIntents.cancel(left.id, { cancellation_reason: 'abandoned' })).status, 'canceled');
});
