/*
 * Messages and the locale. The locale is the shop's, chosen at set-up; the webview's own is never asked, because
 * WebKitGTK answers "C" on a machine without one. English is in the first file that loads, the others come on demand.
 */
import { en } from './en';

export type Key = keyof typeof en;
export type Plural = { readonly [rule in Intl.LDMLPluralRule]?: string } & { readonly other: string };
/** The same entries in another language. */
export type Translated<M> = { readonly [K in keyof M]: M[K] extends string ? string : Plural };
export type Messages = Translated<typeof en>;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Texts<K extends Key> = (typeof en)[K] extends string
  ? (typeof en)[K]
  : (typeof en)[K][keyof (typeof en)[K]];
type Values<K extends Key> = Names<Texts<K>> | ((typeof en)[K] extends string ? never : 'n');
type Rest<K extends Key> = [Values<K>] extends [never] ? [] : [values: Record<Values<K>, string | number>];

/** A message that takes no values. */
export type Plain = { [K in Key]: Rest<K> extends [] ? K : never }[Key];

export type Language = 'en' | 'de' | 'fr' | 'ar';

const loaders: Record<Language, () => Promise<Messages>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import('./de')).de,
  fr: async () => (await import('./fr')).fr,
  ar: async () => (await import('./ar')).ar,
};

/** What a shop can choose at set-up. The name is written in its own language. */
export const locales: readonly { locale: string; name: string }[] = [
  { locale: 'en-US', name: 'English (United States)' },
  { locale: 'en-GB', name: 'English (United Kingdom)' },
  { locale: 'en-CA', name: 'English (Canada)' },
  { locale: 'en-AU', name: 'English (Australia)' },
  { locale: 'de-DE', name: 'Deutsch (Deutschland)' },
  { locale: 'de-AT', name: 'Deutsch (Österreich)' },
  { locale: 'de-CH', name: 'Deutsch (Schweiz)' },
  { locale: 'fr-FR', name: 'Français (France)' },
  { locale: 'fr-CA', name: 'Français (Canada)' },
  { locale: 'fr-CH', name: 'Français (Suisse)' },
  { locale: 'ar-AE', name: 'العربية (الإمارات)' },
  { locale: 'ar-EG', name: 'العربية (مصر)' },
];

class I18n {
  locale = $state('en-US');
  messages = $state.raw<Messages>(en);
  readonly language = $derived(languageOf(this.locale));
  readonly rtl = $derived(this.language === 'ar');

  async use(locale: string): Promise<void> {
    const known = valid(locale);
    const messages = await loaders[languageOf(known)]();
    this.messages = messages;
    this.locale = known;
    document.documentElement.lang = known;
    document.documentElement.dir = this.rtl ? 'rtl' : 'ltr';
  }
}

function languageOf(locale: string): Language {
  const language = locale.slice(0, 2);
  return language in loaders ? (language as Language) : 'en';
}

function valid(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
}

export const i18n = new I18n();

function fill(text: string, values: Record<string, string | number> | undefined): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(i18n.locale).format(value) : value;
  });
}

function plural(entry: Plural, n: unknown): string {
  return entry[new Intl.PluralRules(i18n.locale).select(Number(n))] ?? entry.other;
}

/** The message in the shop's language. */
export function t<K extends Key>(key: K, ...[values]: Rest<K>): string {
  const entry: string | Plural = i18n.messages[key];
  const given = values as Record<string, string | number> | undefined;
  return fill(typeof entry === 'string' ? entry : plural(entry, given?.['n']), given);
}

/** A message named by something the core sent, or the fallback where the catalogue has none. */
export function tCode(
  prefix:
    | 'journal'
    | 'resource'
    | 'fail'
    | 'fail.title'
    | 'spent'
    | 'prove.what'
    | 'prove.gap'
    | 'prove.notCompared'
    | 'receiver.why'
    | 'syncpage.list'
    | 'syncpage.why'
    | 'syncpage.whyTitle',
  code: string,
  fallback: string,
): string {
  const entry: unknown = i18n.messages[`${prefix}.${code}` as Key];
  return typeof entry === 'string' ? entry : fallback;
}
