// What becomes of a payment: charges, refunds, disputes, the balance and payouts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customer, pay, refused, stripe, turn, wait } from './shop.mjs';

test('a payment that is authenticated, and one that is not', async () => {
  const asks = await pay(2500, 'pm_card_authenticationRequired');
  assert.equal(asks.status, 'requires_action');
  assert.ok(asks.next_action.type);
  await turn(`payments/${asks.id}`, { outcome: 'pass' });
  assert.equal((await stripe.paymentIntents.retrieve(asks.id)).status, 'succeeded');
  const fails = await pay(2500, 'pm_card_authenticationRequired');
  await turn(`payments/${fails.id}`, { outcome: 'fail' });
  const failed = await stripe.paymentIntents.retrieve(fails.id);
  assert.equal(failed.status, 'requires_payment_method');
  assert.equal(failed.last_payment_error.code, 'payment_intent_authentication_failure');
});

test('payments are changed, listed, found and told apart line by line', async () => {
  const owner = await customer(null);
  const made = await stripe.paymentIntents.create({
    amount: 800,
    currency: 'usd',
    customer: owner,
    amount_details: { line_items: [{ product_name: 'Tea', quantity: 2, unit_cost: 400 }] },
  });
  const changed = await stripe.paymentIntents.update(made.id, { metadata: { sale_id: made.id } });
  assert.equal(changed.metadata.sale_id, made.id);
  const lines = await stripe.paymentIntents.listAmountDetailsLineItems(made.id);
  assert.equal(lines.object, 'list');
  assert.deepEqual((await stripe.paymentIntents.list({ customer: owner })).data.map((one) => one.id), [made.id]);
  await wait();
  const found = await stripe.paymentIntents.search({ query: `metadata["sale_id"]:"${made.id}"` });
  assert.deepEqual(found.data.map((one) => one.id), [made.id]);
});

test('a held amount is raised', async () => {
  const [reader] = (await stripe.terminal.readers.list({ limit: 1 })).data;
  const made = await stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    allowed_payment_method_types: ['card_present'],
    capture_method: 'manual',
    payment_method_options: { card_present: { request_incremental_authorization_support: true } },
  });
  await stripe.terminal.readers.processPaymentIntent(reader.id, { payment_intent: made.id });
  await stripe.testHelpers.terminal.readers.presentPaymentMethod(reader.id);
  const raised = await stripe.paymentIntents.incrementAuthorization(made.id, { amount: 2600 });
  assert.equal(raised.amount_capturable, 2600);
  const held = await stripe.charges.retrieve(raised.latest_charge);
  assert.equal(held.captured, false);
  assert.equal((await stripe.charges.capture(held.id)).captured, true);
});

test('charges are described, listed and found', async () => {
  const paid = await pay(1900, 'pm_card_visa', { metadata: { sale_id: `c${Date.now()}` } });
  const changed = await stripe.charges.update(paid.latest_charge, { description: 'Two teas' });
  assert.equal(changed.description, 'Two teas');
  assert.equal((await stripe.charges.list({ payment_intent: paid.id })).data[0].id, changed.id);
  await wait();
  const found = await stripe.charges.search({ query: `metadata["sale_id"]:"${paid.metadata.sale_id}"` });
  assert.deepEqual(found.data.map((one) => one.id), [changed.id]);
});

test('a refund is described, and canceled while it is pending', async () => {
  const paid = await pay(1500, 'pm_card_pendingRefund');
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
  assert.equal(refund.status, 'pending');
  assert.equal((await stripe.refunds.update(refund.id, { metadata: { why: 'cold' } })).metadata.why, 'cold');
  assert.equal((await stripe.refunds.cancel(refund.id)).status, 'canceled');
  assert.equal((await stripe.refunds.retrieve(refund.id)).status, 'canceled');
});

test('disputes are answered, and given up', async () => {
  const [mine, other] = [await pay(3100, 'pm_card_createDispute'), await pay(3200, 'pm_card_createDispute')];
  await wait();
  const [dispute] = (await stripe.disputes.list({ payment_intent: mine.id })).data;
  assert.equal(dispute.status, 'needs_response');
  assert.equal(dispute.amount, 3100);
  const answered = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' }, submit: true });
  assert.equal(answered.evidence_details.submission_count, 1);
  await turn('clock', { advance_seconds: '86400' });
  assert.equal((await stripe.disputes.retrieve(dispute.id)).status, 'won');
  const [lost] = (await stripe.disputes.list({ payment_intent: other.id })).data;
  assert.equal((await stripe.disputes.close(lost.id)).status, 'lost');
});

test('what is available is paid out', async () => {
  await pay(20000, 'pm_card_bypassPending');
  const { available } = await stripe.balance.retrieve();
  assert.ok(available[0].amount >= 400);
  const payout = await stripe.payouts.create({ amount: 200, currency: 'usd' });
  assert.equal((await stripe.payouts.update(payout.id, { metadata: { week: '47' } })).metadata.week, '47');
  assert.equal((await stripe.payouts.cancel(payout.id)).status, 'canceled');
  const gone = await stripe.payouts.create({ amount: 200, currency: 'usd' });
  const booked = await stripe.balanceTransactions.retrieve(gone.balance_transaction);
  assert.deepEqual([booked.type, booked.amount, booked.source], ['payout', -200, gone.id]);
  await turn('clock', { advance_seconds: String(7 * 86400) });
  assert.equal((await stripe.payouts.retrieve(gone.id)).status, 'paid');
  assert.match((await stripe.payouts.reverse(gone.id)).original_payout, /^po_/);
  assert.ok((await stripe.payouts.list({ limit: 3 })).data.length > 1);
  const most = (await stripe.balance.retrieve()).available[0].amount;
  const tooMuch = await refused(stripe.payouts.create({ amount: most + 1, currency: 'usd' }));
  assert.equal(tooMuch.code, 'balance_insufficient');
});
