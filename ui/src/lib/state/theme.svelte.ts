/* Light, dark, or as the system: a choice of this machine, not of the shop. */
export type Theme = 'system' | 'light' | 'dark';

const NAME = 'tillbook.theme';
const known: readonly string[] = ['light', 'dark'];

function stored(): Theme {
  try {
    const value = localStorage.getItem(NAME) ?? '';
    return known.includes(value) ? (value as Theme) : 'system';
  } catch {
    return 'system';
  }
}

class Appearance {
  theme = $state<Theme>(stored());

  choose(theme: Theme): void {
    this.theme = theme;
    try {
      localStorage.setItem(NAME, theme);
    } catch {
      // Without storage the choice lasts until the window closes.
    }
    this.apply();
  }

  apply(): void {
    const root = document.documentElement;
    if (this.theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = this.theme;
  }
}

export const appearance = new Appearance();
