// Stripe's own library, pointed at the practice Stripe that the test started.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import Stripe from 'stripe';

const { PRACTICE_URL, PRACTICE_KEY, SDK_OPERATIONS } = process.env;
assert.ok(PRACTICE_URL && PRACTICE_KEY, 'PRACTICE_URL and PRACTICE_KEY say where the practice Stripe is');
const url = new URL(PRACTICE_URL);

export const connect = (key = PRACTICE_KEY) => {
  const client = new Stripe(key, {
    protocol: 'http',
    host: url.hostname,
    port: Number(url.port),
    maxNetworkRetries: 0,
    telemetry: false,
  });
  // What was answered with success is noted: the README's table is compared with it.
  client.on('response', ({ method, path, status }) => {
    if (SDK_OPERATIONS && status === 200) appendFileSync(SDK_OPERATIONS, `${method} ${path.split('?')[0]}\n`);
  });
  return client;
};

export const stripe = connect();

/** A card payment without a reader: created, then confirmed. */
export async function pay(amount, card = 'pm_card_visa', more = {}) {
  const intent = await stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...more,
  });
  return stripe.paymentIntents.confirm(intent.id, { payment_method: card });
}

/** A customer with a card that pays what is billed. */
export async function customer(card = 'pm_card_visa', more = {}) {
  const made = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com', ...more });
  if (card) {
    const method = await stripe.paymentMethods.attach(card, { customer: made.id });
    await stripe.customers.update(made.id, { invoice_settings: { default_payment_method: method.id } });
  }
  return made.id;
}

/** One of the practice Stripe's own switches. */
export async function turn(path, form) {
  const answer = await fetch(`${PRACTICE_URL}/_practice/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${PRACTICE_KEY}` },
    body: new URLSearchParams(form),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Search finds what is older than a while. */
export const wait = () => turn('clock', { advance_seconds: '20' });

/** The error a call is refused with. */
export async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Stripe.errors.StripeError, `not an error of Stripe: ${error}`);
    return error;
  }
  assert.fail('it was not refused');
}
