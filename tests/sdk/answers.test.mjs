import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, pay, refused, stripe, wait } from './shop.mjs';

test('what does not exist is refused as Stripe does', async () => {
  const missing = await refused(stripe.paymentIntents.retrieve('pi_none'));
  assert.equal(missing.statusCode, 404);
  assert.equal(missing.code, 'resource_missing');
  const unknown = await refused(stripe.customers.create({ shoe_size: '42' }));
  assert.equal(unknown.statusCode, 400);
  assert.equal(unknown.code, 'parameter_unknown');
  assert.equal(unknown.param, 'shoe_size');
  const path = await refused(stripe.rawRequest('GET', '/v1/nonsense'));
  assert.equal(path.statusCode, 404);
  assert.equal(path.type, 'StripeInvalidRequestError');
});

test('amounts that cannot be', async () => {
  const small = await refused(stripe.paymentIntents.create({ amount: 1, currency: 'usd' }));
  assert.equal(small.code, 'amount_too_small');
  const absent = await refused(stripe.paymentIntents.create({ currency: 'usd' }));
  assert.equal(absent.code, 'parameter_missing');
  assert.equal(absent.param, 'amount');
});

test('a wrong key is refused', async () => {
  const error = await refused(connect('sk_test_practice_wrong').accounts.retrieveCurrent());
  assert.equal(error.type, 'StripeAuthenticationError');
  assert.equal(error.statusCode, 401);
});

test('every change is in the list of events, in order, and can be followed', async () => {
  const [newest] = (await stripe.events.list({ limit: 1 })).data;
  const paid = await pay(4300);
  const events = await stripe.events.list({ ending_before: newest.id, limit: 100 });
  const mine = events.data.filter((one) => JSON.stringify(one.data.object).includes(paid.id)).reverse();
  const types = mine.map((one) => one.type);
  for (const type of ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded']) {
    assert.ok(types.includes(type), `${type} is missing in ${types}`);
  }
  assert.ok(types.indexOf('payment_intent.created') < types.indexOf('payment_intent.succeeded'));
  const only = await stripe.events.list({ types: ['payment_intent.succeeded'], ending_before: newest.id });
  assert.ok(only.data.length > 0 && only.data.every((one) => one.type === 'payment_intent.succeeded'));
});

test('the balance is the sum of its transactions', async () => {
  const balance = await stripe.balance.retrieve();
  const all = await stripe.balanceTransactions.list({ limit: 100 }).autoPagingToArray({ limit: 10000 });
  const held = [...balance.available, ...balance.pending].reduce((sum, one) => sum + one.amount, 0);
  assert.equal(all.reduce((sum, one) => sum + one.net, 0), held);
  assert.ok(all.every((one) => one.net === one.amount - one.fee));
});

test('events are walked by themselves, both ways, and read one by one', async () => {
  const newest = [];
  for await (const one of stripe.events.list({ limit: 5 })) {
    newest.push(one.id);
    if (newest.length === 12) break;
  }
  const back = [];
  for await (const one of stripe.events.list({ limit: 5, ending_before: newest[11] })) back.push(one.id);
  assert.deepEqual(back.reverse(), newest.slice(0, 11));
  const event = await stripe.events.retrieve(newest[0]);
  assert.equal(event.object, 'event');
});

test('a page of a search is followed by the next', async () => {
  await wait();
  const found = await stripe.products.search({ query: 'active:"true"', limit: 10 }).autoPagingToArray({ limit: 25 });
  assert.equal(new Set(found.map((one) => one.id)).size, 25);
});

test('what goes wrong has the class the library gives it', async () => {
  const cases = [
    ['rate_limited', 'StripeRateLimitError', 429],
    ['unavailable', 'StripeAPIError', 503],
    ['error_before', 'StripeAPIError', 500],
    ['drop_after', 'StripeConnectionError', undefined],
  ];
  for (const [fault, type, status] of cases) {
    await spoil([{ fault, path: '/v1/balance' }]);
    const error = await refused(stripe.balance.retrieve());
    assert.deepEqual([error.type, error.statusCode], [type, status]);
  }
  await spoil([]);
  assert.equal((await stripe.balance.retrieve()).object, 'balance');
});

async function spoil(rules) {
  const answer = await fetch(`${process.env.PRACTICE_URL}/_practice/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.PRACTICE_KEY}` },
    body: JSON.stringify({ rules }),
  });
  assert.equal(answer.status, 200);
}
