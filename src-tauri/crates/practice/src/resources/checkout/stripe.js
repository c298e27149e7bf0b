// Stands in for Stripe.js in practice mode. A card number is typed into a frame that the practice Stripe serves itself;
// the page around it never sees it, only the id of a payment method.
(() => {
  "use strict";
  const script = document.currentScript;
  const origin = new URL(script ? script.src : location.href).origin;
  let calls = 0;

  // Asks a frame to do something and waits for its answer.
  const ask = (frame, message) =>
    new Promise((resolve) => {
      const call = ++calls;
      const hear = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== origin || event.data?.call !== call) return;
        removeEventListener("message", hear);
        resolve(event.data.answer);
      };
      addEventListener("message", hear);
      frame.contentWindow.postMessage({ ...message, call }, origin);
    });

  const frameFor = (path, title) => {
    const frame = document.createElement("iframe");
    frame.src = `${origin}${path}`;
    frame.title = title;
    frame.style.border = "0";
    frame.style.width = "100%";
    frame.ready = new Promise((resolve) => frame.addEventListener("load", () => resolve(frame), { once: true }));
    return frame;
  };

  class Element {
    constructor(kind) {
      this.kind = kind;
      this.listeners = {};
      this.frame = frameFor("/_practice/card", "Card");
      this.frame.style.height = kind === "card" ? "220px" : "240px";
      this.hear = (event) => {
        if (event.source !== this.frame.contentWindow || event.origin !== origin || !event.data?.change) return;
        const { complete, error } = event.data.change;
        for (const listener of this.listeners.change ?? []) {
          listener({ elementType: kind, complete, empty: false, error, value: { type: "card" } });
        }
      };
    }
    mount(where) {
      const place = typeof where === "string" ? document.querySelector(where) : where;
      if (!place) throw new Error(`The element to mount on was not found: ${where}`);
      place.append(this.frame);
      addEventListener("message", this.hear);
      this.frame.ready.then(() => (this.listeners.ready ?? []).forEach((listener) => listener({ elementType: this.kind })));
    }
    unmount() {
      removeEventListener("message", this.hear);
      this.frame.remove();
    }
    destroy() {
      this.unmount();
    }
    on(name, listener) {
      (this.listeners[name] ??= []).push(listener);
      return this;
    }
    update() {}
    focus() {
      this.frame.contentWindow?.focus();
    }
    clear() {
      this.frame.contentWindow?.postMessage({ what: "clear" }, origin);
    }
  }

  class Elements {
    constructor(options) {
      this.options = options ?? {};
      this.made = {};
    }
    create(kind) {
      if (!["card", "payment"].includes(kind)) throw new Error(`The practice Stripe has no ${kind} element.`);
      return (this.made[kind] = new Element(kind));
    }
    getElement(kind) {
      return this.made[kind] ?? null;
    }
    async submit() {
      return {};
    }
    update(options) {
      Object.assign(this.options, options);
    }
  }

  const idOf = (secret) => String(secret).split("_secret_")[0];

  class Client {
    constructor(key) {
      if (!/^pk_/.test(key ?? "")) throw new Error("Stripe() takes a publishable key (pk_…).");
      this.key = key;
      // Calls go out from a frame of the same origin as the API, so that no page needs permission for it.
      this.bridge = frameFor("/_practice/bridge", "");
      this.bridge.hidden = true;
      const hang = () => document.body.append(this.bridge);
      document.body ? hang() : addEventListener("DOMContentLoaded", hang);
    }
    elements(options) {
      return new Elements(options);
    }
    async call(method, path, form) {
      await this.bridge.ready;
      return ask(this.bridge, { what: "call", key: this.key, method, path, form });
    }
    async tokenize(element, details) {
      await element.frame.ready;
      return ask(element.frame, { what: "tokenize", key: this.key, details: details ?? {} });
    }
    async createPaymentMethod({ card, element, elements, billing_details: details }) {
      const from = card ?? element ?? elements?.getElement("payment") ?? elements?.getElement("card");
      const answer = await this.tokenize(from, details);
      return answer.error ? { error: answer.error } : { paymentMethod: answer };
    }
    async retrievePaymentIntent(secret) {
      const answer = await this.call("GET", `/v1/payment_intents/${idOf(secret)}`, { client_secret: secret });
      return answer.error ? { error: answer.error } : { paymentIntent: answer };
    }
    async retrieveSetupIntent(secret) {
      const answer = await this.call("GET", `/v1/setup_intents/${idOf(secret)}`, { client_secret: secret });
      return answer.error ? { error: answer.error } : { setupIntent: answer };
    }
    async confirm(kind, secret, method, details, back) {
      let id = method;
      if (method instanceof Element) {
        const made = await this.tokenize(method, details);
        if (made.error) return { error: made.error };
        id = made.id;
      }
      const form = { client_secret: secret, return_url: back ?? `${origin}/_practice/done` };
      if (id) form.payment_method = id;
      const answer = await this.call("POST", `/v1/${kind}/${idOf(secret)}/confirm`, form);
      if (answer.error) return { error: answer.error };
      return answer.status === "requires_action" ? this.authenticate(kind, secret, answer) : { intent: answer };
    }
    // Shows the bank's page over everything until the payment is no longer waiting for it.
    async authenticate(kind, secret, intent) {
      const url = new URL(intent.next_action?.redirect_to_url?.url ?? intent.next_action?.use_stripe_sdk?.stripe_js);
      const veil = document.createElement("dialog");
      const frame = frameFor(url.pathname, "Your bank");
      frame.style.height = "420px";
      veil.style.width = "min(480px, 96vw)";
      veil.append(frame);
      document.body.append(veil);
      veil.showModal();
      let canceled = false;
      veil.addEventListener("cancel", () => (canceled = true));
      try {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 300));
          const now = await this.call("GET", `/v1/${kind}/${idOf(secret)}`, { client_secret: secret });
          if (now.error) return { error: now.error };
          if (now.status !== "requires_action") {
            const error = now.last_payment_error ?? now.last_setup_error;
            return now.status === "requires_payment_method" && error ? { error } : { intent: now };
          }
          if (canceled) return { intent: now };
        }
      } finally {
        veil.remove();
      }
    }
    async confirmCardPayment(secret, data) {
      const method = data?.payment_method;
      const element = typeof method === "object" ? method?.card : method;
      const done = await this.confirm("payment_intents", secret, element, method?.billing_details, data?.return_url);
      return done.error ? { error: done.error } : { paymentIntent: done.intent };
    }
    async confirmCardSetup(secret, data) {
      const method = data?.payment_method;
      const element = typeof method === "object" ? method?.card : method;
      const done = await this.confirm("setup_intents", secret, element, method?.billing_details, data?.return_url);
      return done.error ? { error: done.error } : { setupIntent: done.intent };
    }
    async confirmPayment({ elements, clientSecret, confirmParams, redirect }) {
      const secret = clientSecret ?? elements?.options.clientSecret;
      const element = elements?.getElement("payment") ?? elements?.getElement("card") ?? confirmParams?.payment_method;
      const details = confirmParams?.payment_method_data?.billing_details;
      const done = await this.confirm("payment_intents", secret, element, details, confirmParams?.return_url);
      if (done.error) return { error: done.error };
      if (redirect !== "if_required" && confirmParams?.return_url) {
        const back = new URL(confirmParams.return_url);
        back.searchParams.set("payment_intent", done.intent.id);
        back.searchParams.set("payment_intent_client_secret", secret);
        back.searchParams.set("redirect_status", done.intent.status);
        location.assign(back);
        return new Promise(() => {});
      }
      return { paymentIntent: done.intent };
    }
    async handleNextAction({ clientSecret }) {
      const { paymentIntent, error } = await this.retrievePaymentIntent(clientSecret);
      if (error || paymentIntent.status !== "requires_action") return { paymentIntent, error };
      const done = await this.authenticate("payment_intents", clientSecret, paymentIntent);
      return done.error ? { error: done.error } : { paymentIntent: done.intent };
    }
  }

  const Stripe = (key) => new Client(key);
  Stripe.version = "endive";
  globalThis.Stripe = Stripe;
})();
