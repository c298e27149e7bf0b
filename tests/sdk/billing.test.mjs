// Invoices, credit notes and subscriptions, on test clocks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customer, refused, stripe, wait } from './shop.mjs';

const DAY = 86400;

async function bill(owner, amount, more = {}) {
  const invoice = await stripe.invoices.create({ customer: owner, auto_advance: false, ...more });
  const item = await stripe.invoiceItems.create({ customer: owner, invoice: invoice.id, amount, currency: 'usd', description: 'Tea' });
  return { invoice: invoice.id, item: item.id };
}

async function price(amount) {
  const made = await stripe.prices.create({
    currency: 'usd',
    unit_amount: amount,
    recurring: { interval: 'month' },
    product_data: { name: 'Tea each month' },
  });
  return made.id;
}

test('an invoice is written, finalised, paid and credited', async () => {
  const owner = await customer();
  const { invoice, item } = await bill(owner, 3000);
  await stripe.invoices.update(invoice, { description: 'November' });
  assert.equal((await stripe.invoiceItems.update(item, { description: 'Green tea' })).description, 'Green tea');
  assert.equal((await stripe.invoiceItems.retrieve(item)).amount, 3000);
  const open = await stripe.invoices.finalizeInvoice(invoice);
  assert.deepEqual([open.status, open.amount_due, open.description], ['open', 3000, 'November']);
  const paid = await stripe.invoices.pay(invoice);
  assert.deepEqual([paid.status, paid.amount_paid], ['paid', 3000]);
  const [line] = (await stripe.invoices.listLineItems(invoice)).data;
  assert.equal(line.amount, 3000);
  const [payment] = (await stripe.invoicePayments.list({ invoice })).data;
  assert.equal((await stripe.invoicePayments.retrieve(payment.id)).status, 'paid');
  await wait();
  assert.deepEqual((await stripe.invoices.search({ query: `customer:"${owner}"` })).data.map((one) => one.id), [invoice]);
  assert.equal((await stripe.invoices.retrieve(invoice)).status, 'paid');
  assert.equal((await stripe.invoices.list({ customer: owner })).data.length, 1);

  const lines = [{ type: 'invoice_line_item', invoice_line_item: line.id, amount: 500 }];
  assert.equal((await stripe.creditNotes.preview({ invoice, lines, refund_amount: 500 })).total, 500);
  assert.equal((await stripe.creditNotes.listPreviewLineItems({ invoice, lines, refund_amount: 500 })).data[0].amount, 500);
  const note = await stripe.creditNotes.create({ invoice, lines, refund_amount: 500 });
  assert.equal(note.type, 'post_payment');
  assert.equal((await stripe.creditNotes.update(note.id, { memo: 'Cold' })).memo, 'Cold');
  assert.equal((await stripe.creditNotes.retrieve(note.id)).memo, 'Cold');
  assert.equal((await stripe.creditNotes.listLineItems(note.id)).data[0].amount, 500);
  assert.equal((await stripe.creditNotes.list({ invoice })).data.length, 1);
});

test('invoices end in other ways too', async () => {
  const owner = await customer();
  const due = { collection_method: 'send_invoice', days_until_due: 14 };
  const sent = await bill(owner, 1000, due);
  assert.equal((await stripe.invoices.sendInvoice(sent.invoice)).status, 'open');
  const note = await stripe.creditNotes.create({ invoice: sent.invoice, amount: 400 });
  assert.equal((await stripe.creditNotes.voidCreditNote(note.id)).status, 'void');
  assert.equal((await stripe.invoices.markUncollectible(sent.invoice)).status, 'uncollectible');
  const wrong = await bill(owner, 1000, due);
  await stripe.invoices.finalizeInvoice(wrong.invoice);
  assert.equal((await stripe.invoices.voidInvoice(wrong.invoice)).status, 'void');
  const draft = await bill(owner, 1000);
  assert.equal((await stripe.invoiceItems.del(draft.item)).deleted, true);
  assert.equal((await stripe.invoices.del(draft.invoice)).deleted, true);
  assert.equal((await refused(stripe.invoices.del(wrong.invoice))).statusCode, 400);
  await stripe.invoiceItems.create({ customer: owner, amount: 700, currency: 'usd' });
  assert.equal((await stripe.invoiceItems.list({ customer: owner, pending: true })).data.length, 1);
  assert.equal((await stripe.invoices.createPreview({ customer: owner })).total, 700);
});

test('a subscription is lived through on a test clock', async () => {
  const { testClocks } = stripe.testHelpers;
  const clock = await testClocks.create({ frozen_time: Math.floor(Date.now() / 1000), name: 'Months' });
  const owner = await customer('pm_card_visa', { test_clock: clock.id });
  const made = await stripe.subscriptions.create({ customer: owner, items: [{ price: await price(2000) }], trial_period_days: 7 });
  assert.equal(made.status, 'trialing');
  await testClocks.advance(clock.id, { frozen_time: clock.frozen_time + 8 * DAY });
  assert.equal((await testClocks.retrieve(clock.id)).status, 'ready');
  assert.equal((await stripe.subscriptions.retrieve(made.id)).status, 'active');
  const dearer = await stripe.subscriptions.update(made.id, {
    items: [{ id: made.items.data[0].id, price: await price(3000) }],
    proration_behavior: 'create_prorations',
  });
  assert.equal(dearer.items.data[0].price.unit_amount, 3000);
  assert.equal((await stripe.invoiceItems.list({ customer: owner, pending: true })).data.length, 2);

  const more = await stripe.subscriptionItems.create({ subscription: made.id, price: await price(500) });
  assert.equal((await stripe.subscriptionItems.update(more.id, { quantity: 3 })).quantity, 3);
  assert.equal((await stripe.subscriptionItems.retrieve(more.id)).quantity, 3);
  assert.equal((await stripe.subscriptionItems.list({ subscription: made.id })).data.length, 2);
  assert.equal((await stripe.subscriptionItems.del(more.id)).deleted, true);

  assert.equal((await stripe.subscriptions.update(made.id, { cancel_at_period_end: true })).cancel_at_period_end, true);
  assert.equal((await stripe.subscriptions.cancel(made.id)).status, 'canceled');
  assert.ok((await testClocks.list()).data.some((one) => one.id === clock.id));
  assert.equal((await testClocks.del(clock.id)).deleted, true);
});

test('a subscription is listed, found, paused and resumed', async () => {
  const owner = await customer();
  const mark = `s${Date.now()}`;
  const made = await stripe.subscriptions.create({ customer: owner, items: [{ price: await price(2000) }], metadata: { mark } });
  assert.equal((await stripe.subscriptions.list({ customer: owner })).data[0].id, made.id);
  await wait();
  assert.deepEqual((await stripe.subscriptions.search({ query: `metadata["mark"]:"${mark}"` })).data.map((one) => one.id), [made.id]);
  assert.equal((await stripe.subscriptions.pause(made.id, { type: 'subscription' })).status, 'paused');
  assert.equal((await stripe.subscriptions.resume(made.id)).status, 'active');
});
