import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripe } from './shop.mjs';

test('the account', async () => {
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.object, 'account');
  assert.equal(account.default_currency, 'usd');
  assert.equal(account.country, 'US');
});

test('the shop has products with barcodes, and prices that are found by lookup key', async () => {
  const products = await stripe.products.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  assert.ok(products.length >= 35, `${products.length} products`);
  assert.ok(products.every((one) => one.metadata.barcode && one.metadata.category));
  assert.ok(new Set(products.map((one) => one.metadata.category)).size >= 6);

  const prices = await stripe.prices.list({ limit: 100 });
  const key = prices.data.find((one) => one.lookup_key).lookup_key;
  const found = await stripe.prices.list({ lookup_keys: [key], expand: ['data.product'] });
  assert.equal(found.data.length, 1);
  assert.equal(found.data[0].lookup_key, key);
  assert.equal(found.data[0].product.object, 'product');
});

test('a product and its price are made, changed and read back', async () => {
  const product = await stripe.products.create({ name: 'Tide table', metadata: { barcode: '4006381333931' } });
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 650,
    lookup_key: `sdk_${product.id}`,
  });
  assert.equal(price.unit_amount, 650);
  const renamed = await stripe.products.update(product.id, { name: 'Tide table 2027', metadata: { barcode: '' } });
  assert.equal(renamed.name, 'Tide table 2027');
  assert.deepEqual(renamed.metadata, {});
  assert.equal((await stripe.products.retrieve(product.id)).name, 'Tide table 2027');
});

test('pages go both ways and meet', async () => {
  const first = await stripe.products.list({ limit: 10 });
  assert.equal(first.data.length, 10);
  assert.equal(first.has_more, true);
  const second = await stripe.products.list({ limit: 10, starting_after: first.data[9].id });
  const back = await stripe.products.list({ limit: 10, ending_before: second.data[0].id });
  assert.deepEqual(back.data.map((one) => one.id), first.data.map((one) => one.id));
});

test('a customer is made, changed and deleted', async () => {
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com', metadata: { user_id: '7' } });
  assert.match(customer.id, /^cus_/);
  await stripe.customers.update(customer.id, { phone: '+15555550100' });
  assert.equal((await stripe.customers.retrieve(customer.id)).phone, '+15555550100');
  assert.equal((await stripe.customers.del(customer.id)).deleted, true);
  const gone = await stripe.customers.retrieve(customer.id);
  assert.deepEqual({ ...gone }, { id: customer.id, object: 'customer', deleted: true });
});
