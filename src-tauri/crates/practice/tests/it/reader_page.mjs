// Runs reader.js against a page that knows text and elements only, and prints what it made of the display on standard
// input: `node reader_page.mjs path/of/reader.js`.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[sign]};`);
const quoted = (value) => (/^[\w-]+$/.test(value) ? value : `"${escaped(value)}"`);

class Element {
  #name;
  #attributes = '';
  #inside = [];
  constructor(name) {
    this.#name = name;
  }
  set textContent(text) {
    this.#inside = [escaped(String(text))];
  }
  setAttribute(key, value) {
    this.#attributes += ` ${key}=${quoted(String(value))}`;
  }
  append(...more) {
    this.#inside.push(...more);
  }
  replaceChildren(...all) {
    this.#inside = all;
  }
  get inside() {
    return this.#inside.map(String).join('');
  }
  toString() {
    return `<${this.#name}${this.#attributes}>${this.inside}</${this.#name}>`;
  }
}
// Whoever writes markup is stopped: there is no such property here.
Object.freeze(Element.prototype);

const display = Object.preventExtensions(new Element('div'));
const answers = ['', readFileSync(0, 'utf8')];
let tick;
vm.runInNewContext(readFileSync(process.argv[2], 'utf8'), {
  document: { getElementById: () => display, createElement: (name) => Object.preventExtensions(new Element(name)) },
  fetch: async () => ({ ok: true, text: async () => answers.shift() }),
  location: { pathname: '/_practice/reader/tmr_1' },
  setInterval: (run) => (tick = run),
});
await tick();
await tick();
process.stdout.write(display.inside);
