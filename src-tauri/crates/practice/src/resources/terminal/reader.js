// The display is asked for every second and written again only when it changed, so that a button keeps its focus.
// Everything is written as text: a label or a line of a cart can never become part of the page.
const display = document.getElementById("display");
let seen = null;

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The same as the page has when it is opened, see `Display::html`.
function written(shown) {
  const screen = element("div", undefined, { "aria-live": "polite" });
  screen.append(element("p", shown.sum, { class: "sum" }));
  if (shown.note !== null) screen.append(element("p", shown.note));
  if (shown.rows.length > 0) {
    const list = element("ul");
    for (const [label, amount] of shown.rows) {
      const row = element("li");
      row.append(element("span", label));
      if (amount !== null) row.append(element("span", amount));
      list.append(row);
    }
    screen.append(list);
  }
  const form = element("form", undefined, { method: "post" });
  for (const button of shown.buttons) {
    const made = element("button", button.label, { name: "do", value: button.do });
    if (button.go) made.setAttribute("class", "go");
    form.append(made);
  }
  const parts = [element("h1", shown.label), screen];
  if (shown.wrong !== null) parts.push(element("p", shown.wrong, { class: "bad", role: "alert" }));
  parts.push(form, element("p", "A simulated reader: no card is needed.", { class: "note" }));
  return parts;
}

setInterval(async () => {
  try {
    const answer = await fetch(location.pathname + "/display");
    if (!answer.ok) return;
    const text = await answer.text();
    if (seen !== null && text !== seen) display.replaceChildren(...written(JSON.parse(text)));
    seen = text;
  } catch {
    // The practice Stripe has stopped: what was shown last stays.
  }
}, 1000);
