// Stripe's own library, pointed at the practice Stripe that the test started.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const { PRACTICE_URL, PRACTICE_KEY } = process.env;
assert.ok(PRACTICE_URL && PRACTICE_KEY, 'PRACTICE_URL and PRACTICE_KEY say where the practice Stripe is');
const url = new URL(PRACTICE_URL);

export const connect = (key = PRACTICE_KEY) =>
  new Stripe(key, {
    protocol: 'http',
    host: url.hostname,
    port: Number(url.port),
    maxNetworkRetries: 0,
    telemetry: false,
  });

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
