// Inside the frames of the practice Stripe's stand-in for Stripe.js: talks to the API of its own origin, for the page
// around it, and never tells that page a card number.
"use strict";
const flatten = (value, name, into) => {
  if (value === null || value === undefined) return into;
  if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) flatten(inner, name ? `${name}[${key}]` : key, into);
  } else {
    into.append(name, String(value));
  }
  return into;
};

const call = async (key, method, path, form) => {
  if (!/^\/v1\/(payment_intents|setup_intents|payment_methods)(\/|$)/.test(path)) {
    return { error: { type: "invalid_request_error", message: "A page may not call that." } };
  }
  const body = flatten(form ?? {}, "", new URLSearchParams());
  const get = method === "GET";
  try {
    const reply = await fetch(get ? `${path}?${body}` : path, {
      method,
      headers: { Authorization: `Bearer ${key}` },
      body: get ? undefined : body,
    });
    return await reply.json();
  } catch {
    return { error: { type: "api_connection_error", message: "The practice Stripe did not answer." } };
  }
};

const form = document.querySelector("form");
const card = () => {
  const field = (name) => form.elements.namedItem(name).value.trim();
  const [month, year] = field("expiry").split("/").map((part) => Number.parseInt(part, 10));
  return {
    number: field("number").replace(/\D/g, ""),
    exp_month: month || 0,
    exp_year: year > 0 && year < 100 ? 2000 + year : year || 0,
    cvc: field("cvc"),
  };
};

form?.addEventListener("input", () => {
  const { number, exp_month: month, cvc } = card();
  const complete = number.length >= 14 && month > 0 && cvc.length >= 3;
  parent.postMessage({ change: { complete, error: undefined } }, "*");
});

addEventListener("message", async (event) => {
  if (event.source !== parent) return;
  const { what, call: number } = event.data ?? {};
  const answer = (value) => event.source.postMessage({ call: number, answer: value }, event.origin);
  if (what === "clear") form?.reset();
  if (what === "call") answer(await call(event.data.key, event.data.method, event.data.path, event.data.form));
  if (what === "tokenize" && form) {
    const made = { type: "card", card: card(), billing_details: event.data.details };
    answer(await call(event.data.key, "POST", "/v1/payment_methods", made));
  }
});
