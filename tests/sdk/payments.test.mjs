import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pay, refused, stripe } from './shop.mjs';

test('creating and charging are two steps', async () => {
  const intent = await stripe.paymentIntents.create({
    amount: 2189,
    currency: 'usd',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: { attempt_id: 'a1' },
  });
  assert.equal(intent.status, 'requires_payment_method');
  assert.equal(intent.latest_charge, null);

  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 2189);
  assert.deepEqual({ ...paid.metadata }, { attempt_id: 'a1' });

  const charge = await stripe.charges.retrieve(paid.latest_charge, { expand: ['balance_transaction'] });
  assert.equal(charge.amount, 2189);
  assert.equal(charge.paid, true);
  assert.equal(charge.payment_method_details.card.last4, '4242');
  const { amount, fee, net } = charge.balance_transaction;
  assert.equal(amount, 2189);
  assert.ok(fee > 0);
  assert.equal(net, amount - fee);
});

test('a declined card says so and leaves the payment to be tried again', async () => {
  const error = await refused(pay(1000, 'pm_card_visa_chargeDeclinedInsufficientFunds'));
  assert.equal(error.type, 'StripeCardError');
  assert.equal(error.statusCode, 402);
  assert.equal(error.code, 'card_declined');
  assert.equal(error.decline_code, 'insufficient_funds');
  const intent = await stripe.paymentIntents.retrieve(error.payment_intent.id);
  assert.equal(intent.status, 'requires_payment_method');
  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_mastercard' });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.id, intent.id);
});

test('a payment is captured later, for less', async () => {
  const held = await pay(5000, 'pm_card_visa', { capture_method: 'manual' });
  assert.equal(held.status, 'requires_capture');
  assert.equal(held.amount_capturable, 5000);
  const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4200 });
  assert.equal(taken.status, 'succeeded');
  assert.equal(taken.amount_received, 4200);
});

test('what was canceled cannot be paid', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' });
  const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
  assert.equal(canceled.status, 'canceled');
  assert.equal(canceled.cancellation_reason, 'abandoned');
  const error = await refused(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' }));
  assert.equal(error.code, 'payment_intent_unexpected_state');
});

test('refunds add up to what was paid and no further', async () => {
  const paid = await pay(3000);
  const part = await stripe.refunds.create({
    payment_intent: paid.id,
    amount: 1000,
    reason: 'requested_by_customer',
    metadata: { refund_attempt_id: 'r1' },
  });
  assert.equal(part.status, 'succeeded');
  assert.equal(part.metadata.refund_attempt_id, 'r1');
  const charge = await stripe.charges.retrieve(paid.latest_charge);
  assert.equal(charge.amount_refunded, 1000);
  assert.equal(charge.refunded, false);

  const tooMuch = await refused(stripe.refunds.create({ payment_intent: paid.id, amount: 2001 }));
  assert.equal(tooMuch.statusCode, 400);
  assert.equal(tooMuch.param, 'amount');

  await stripe.refunds.create({ payment_intent: paid.id });
  const again = await refused(stripe.refunds.create({ payment_intent: paid.id }));
  assert.equal(again.code, 'charge_already_refunded');
  const all = await stripe.refunds.list({ payment_intent: paid.id });
  assert.equal(all.data.reduce((sum, one) => sum + one.amount, 0), 3000);
});

test('a key is answered once', async () => {
  const key = `sdk-${process.pid}-${Date.now()}`;
  const body = { amount: 1234, currency: 'usd' };
  const first = await stripe.paymentIntents.create(body, { idempotencyKey: key });
  const second = await stripe.paymentIntents.create(body, { idempotencyKey: key });
  assert.equal(second.id, first.id);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  const other = await refused(stripe.paymentIntents.create({ ...body, amount: 1235 }, { idempotencyKey: key }));
  assert.equal(other.type, 'StripeIdempotencyError');
});
