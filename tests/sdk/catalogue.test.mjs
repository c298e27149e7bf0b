import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripe, wait } from './shop.mjs';

test('the account', async () => {
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.object, 'account');
  assert.equal(account.default_currency, 'usd');
  assert.equal(account.country, 'US');
});

test('the shop has products with barcodes, and prices that are found by lookup key', async () => {
  const all = await stripe.products.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  // Other scenarios make products of their own.
  const products = all.filter((one) => one.metadata.barcode && one.metadata.category);
  assert.ok(products.length >= 35, `${products.length} products`);
  assert.ok(new Set(products.map((one) => one.metadata.category)).size >= 6);

  const prices = await stripe.prices.list({ limit: 100, active: true });
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

test('products and prices are found, changed and taken away', async () => {
  const mark = `t${Date.now()}`;
  const product = await stripe.products.create({ name: 'Chart', metadata: { sku: mark } });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 900, metadata: { sku: mark } });
  assert.equal((await stripe.prices.update(price.id, { nickname: 'Shelf' })).nickname, 'Shelf');
  assert.equal((await stripe.prices.retrieve(price.id)).nickname, 'Shelf');
  await wait();
  assert.deepEqual((await stripe.products.search({ query: `metadata["sku"]:"${mark}"` })).data.map((one) => one.id), [product.id]);
  assert.deepEqual((await stripe.prices.search({ query: `metadata["sku"]:"${mark}"` })).data.map((one) => one.id), [price.id]);
  const bare = await stripe.products.create({ name: 'Never sold' });
  assert.equal((await stripe.products.del(bare.id)).deleted, true);
});

test('every page is walked by itself, both ways', async () => {
  const forward = [];
  for await (const one of stripe.products.list({ limit: 7 })) forward.push(one.id);
  assert.equal(new Set(forward).size, forward.length);
  const backward = [];
  for await (const one of stripe.products.list({ limit: 7, ending_before: forward.at(-1) })) backward.push(one.id);
  assert.deepEqual(backward.reverse(), forward.slice(0, -1));
});

test('coupons, promotion codes and tax rates', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once', name: 'Autumn' });
  assert.equal((await stripe.coupons.update(coupon.id, { name: 'Fall' })).name, 'Fall');
  assert.equal((await stripe.coupons.retrieve(coupon.id)).percent_off, 20);
  assert.ok((await stripe.coupons.list()).data.some((one) => one.id === coupon.id));
  const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: `F${Date.now()}` });
  assert.equal((await stripe.promotionCodes.list({ code: code.code })).data[0].id, code.id);
  assert.equal((await stripe.promotionCodes.update(code.id, { active: false })).active, false);
  assert.equal((await stripe.promotionCodes.retrieve(code.id)).promotion.coupon, coupon.id);
  assert.equal((await stripe.coupons.del(coupon.id)).deleted, true);

  const rate = await stripe.taxRates.create({ display_name: 'Sales tax', percentage: 7.25, inclusive: false });
  assert.equal(rate.percentage, 7.25);
  assert.equal((await stripe.taxRates.update(rate.id, { active: false })).active, false);
  assert.equal((await stripe.taxRates.retrieve(rate.id)).active, false);
  assert.ok((await stripe.taxRates.list({ active: false })).data.some((one) => one.id === rate.id));
});
