// Finds what a person would point at: something of a kind, by the name a screen reader would say, or by its mark.
// arguments: kind, name (empty for any), exact. Answers the elements that can be seen, best match first.
const [kind, name, exact] = arguments;
const kinds = {
  button: 'button, [role=button], summary, [role=menuitem], [role=tab], [role=radio], [role=option]',
  field: 'input, textarea, select, [role=combobox], [role=searchbox], [role=textbox], [role=spinbutton]',
  link: 'a[href], [role=link], nav button',
  row: 'tr, [role=row], li, [role=listitem], [role=option], article',
  dialog: 'dialog[open], [role=dialog], [role=alertdialog]',
  heading: 'h1, h2, h3, [role=heading]',
};
const tidy = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
const seen = (element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.display !== 'none';
};
const named = (element) => {
  const label = element.getAttribute('aria-label');
  if (label) return tidy(label);
  const by = element.getAttribute('aria-labelledby');
  if (by) return tidy(by.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(' '));
  if (element.labels?.length) return tidy([...element.labels].map((one) => one.innerText).join(' '));
  return tidy(element.innerText) || tidy(element.placeholder) || tidy(element.title);
};
const open = [...document.querySelectorAll('dialog[open]')].filter(seen);
// By the mark that tests know a thing by, wherever it is.
if (kind === 'mark') {
  // A radio or checkbox may be drawn by its label alone, and itself be nothing or a dot for screen readers.
  const drawn = (element) =>
    seen(element) && element.getBoundingClientRect().width > 1 ? element : element.closest('label');
  const marked = document.querySelectorAll(`[data-testid="${CSS.escape(name)}"]`);
  return [...marked].map(drawn).filter((element) => element && seen(element));
}
const root = kind === 'dialog' || open.length === 0 ? document : open[open.length - 1];
const wanted = tidy(name).toLowerCase();
const rank = (text) => {
  const is = text.toLowerCase();
  if (is === wanted) return 0;
  if (exact) return -1;
  if (is.startsWith(wanted)) return 1;
  return is.includes(wanted) ? 2 : -1;
};
return [...root.querySelectorAll(kinds[kind])]
  .filter((element) => seen(element) && element.type !== 'hidden')
  .map((element) => [wanted === '' ? 0 : rank(named(element)), element])
  .filter(([place]) => place >= 0)
  .sort((a, b) => a[0] - b[0])
  .map(([, element]) => element);
