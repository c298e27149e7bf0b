import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripe } from './shop.mjs';

const { readers } = stripe.terminal;
const { readers: hand } = stripe.testHelpers.terminal;

/** A payment on the shop's reader, up to where it asks for the card. */
async function ask(amount) {
  const [reader] = (await readers.list({ limit: 1 })).data;
  const intent = await stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    allowed_payment_method_types: ['card_present'],
    capture_method: 'automatic',
  });
  const asking = await readers.processPaymentIntent(reader.id, { payment_intent: intent.id });
  assert.equal(asking.action.status, 'in_progress');
  assert.equal(asking.action.process_payment_intent.payment_intent, intent.id);
  return { reader: reader.id, intent: intent.id };
}

test('the shop has one place and one reader', async () => {
  const places = await stripe.terminal.locations.list();
  assert.equal(places.data.length, 1);
  const found = await readers.list({ location: places.data[0].id });
  assert.equal(found.data.length, 1);
  assert.match(found.data[0].device_type, /^simulated_/);
});

test('a card is held to the reader and paid', async () => {
  const { reader, intent } = await ask(1840);
  const done = await hand.presentPaymentMethod(reader, {
    type: 'card_present',
    card_present: { number: '4242424242424242' },
  });
  assert.equal(done.action.status, 'succeeded');
  const paid = await stripe.paymentIntents.retrieve(intent, { expand: ['latest_charge'] });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 1840);
  assert.equal(paid.latest_charge.payment_method_details.type, 'card_present');
});

test('a declined card on the reader can be followed by another', async () => {
  const { reader, intent } = await ask(2200);
  const failed = await hand.presentPaymentMethod(reader, {
    type: 'card_present',
    card_present: { number: '4000000000000002' },
  });
  assert.equal(failed.action.status, 'failed');
  assert.equal(failed.action.failure_code, 'card_declined');
  assert.equal((await stripe.paymentIntents.retrieve(intent)).status, 'requires_payment_method');

  await readers.processPaymentIntent(reader, { payment_intent: intent });
  await hand.presentPaymentMethod(reader, { type: 'card_present', card_present: { number: '5555555555554444' } });
  assert.equal((await stripe.paymentIntents.retrieve(intent)).status, 'succeeded');
});

test('the reader is reset and the payment stays payable', async () => {
  const { reader, intent } = await ask(990);
  const reset = await readers.cancelAction(reader);
  assert.equal(reset.action, null);
  assert.equal((await stripe.paymentIntents.retrieve(intent)).status, 'requires_payment_method');
  assert.equal((await stripe.paymentIntents.cancel(intent)).status, 'canceled');
});
