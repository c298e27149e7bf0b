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

test('a place and a reader of its own', async () => {
  const address = { line1: '2 Quay', city: 'Oakland', state: 'CA', country: 'US', postal_code: '94607' };
  const place = await stripe.terminal.locations.create({ display_name: 'Quay', address });
  assert.equal((await stripe.terminal.locations.update(place.id, { display_name: 'Pier' })).display_name, 'Pier');
  assert.equal((await stripe.terminal.locations.retrieve(place.id)).address.city, 'Oakland');
  const reader = await readers.create({ registration_code: 'simulated-s700', location: place.id, label: 'Second' });
  assert.equal(reader.device_type, 'simulated_stripe_s700');
  assert.equal((await readers.update(reader.id, { label: 'Door' })).label, 'Door');
  assert.ok((await stripe.terminal.connectionTokens.create()).secret);

  const cart = { currency: 'usd', total: 900, line_items: [{ description: 'Tea', amount: 900, quantity: 1 }] };
  const shown = await readers.setReaderDisplay(reader.id, { type: 'cart', cart });
  assert.equal(shown.action.set_reader_display.cart.total, 900);
  const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'usd', allowed_payment_method_types: ['card_present'] });
  await readers.collectPaymentMethod(reader.id, { payment_intent: intent.id });
  await hand.presentPaymentMethod(reader.id);
  await readers.confirmPaymentIntent(reader.id, { payment_intent: intent.id });
  const paid = await stripe.paymentIntents.retrieve(intent.id);
  assert.equal(paid.status, 'succeeded');
  await readers.refundPayment(reader.id, { charge: paid.latest_charge, amount: 900 });
  await hand.presentPaymentMethod(reader.id);
  assert.equal((await readers.retrieve(reader.id)).action.status, 'succeeded');
  assert.equal((await stripe.refunds.list({ payment_intent: intent.id })).data[0].amount, 900);

  assert.equal((await readers.del(reader.id)).deleted, true);
  assert.equal((await stripe.terminal.locations.del(place.id)).deleted, true);
});

test('the reader asks for an e-mail address', async () => {
  const [reader] = (await readers.list({ limit: 1 })).data;
  const inputs = [{ type: 'email', custom_text: { title: 'Your receipt' }, required: true }];
  assert.equal((await readers.collectInputs(reader.id, { inputs })).action.status, 'in_progress');
  const answered = await hand.succeedInputCollection(reader.id);
  assert.match(answered.action.collect_inputs.inputs[0].email.value, /@/);
  await readers.collectInputs(reader.id, { inputs });
  assert.equal((await hand.timeoutInputCollection(reader.id)).action.status, 'failed');
});
