// What the till did, read by Stripe's own library: it is at Stripe, whole, and names where it came from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripe } from './shop.mjs';

const { TILL_SALE, TILL_PAYMENT_INTENT, TILL_ATTEMPT, TILL_TOTAL } = process.env;

test('the payment that the till made', { skip: !TILL_SALE }, async () => {
  const intent = await stripe.paymentIntents.retrieve(TILL_PAYMENT_INTENT, {
    expand: ['latest_charge.balance_transaction'],
  });
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.amount_received, Number(TILL_TOTAL));
  assert.equal(intent.metadata.sale_id, TILL_SALE);
  assert.equal(intent.metadata.attempt_id, TILL_ATTEMPT);
  for (const key of ['workspace_id', 'user_id', 'purpose', 'till_id', 'journal_seq', 'journal_head']) {
    assert.ok(intent.metadata[key], `metadata.${key} is missing`);
  }
  assert.equal(intent.latest_charge.paid, true);
  assert.equal(intent.latest_charge.balance_transaction.amount, Number(TILL_TOTAL));
});

test('the refund that the till made', { skip: !TILL_SALE }, async () => {
  const refunds = await stripe.refunds.list({ payment_intent: TILL_PAYMENT_INTENT });
  assert.equal(refunds.data.length, 1);
  const [refund] = refunds.data;
  assert.equal(refund.status, 'succeeded');
  assert.equal(refund.amount, Number(TILL_TOTAL));
  assert.equal(refund.reason, 'requested_by_customer');
  for (const key of ['refunded_by', 'approved_by', 'refund_attempt_id', 'till_id', 'journal_seq', 'journal_head']) {
    assert.ok(refund.metadata[key], `metadata.${key} is missing`);
  }
  assert.equal(refund.metadata.sale_id, TILL_SALE);
});
