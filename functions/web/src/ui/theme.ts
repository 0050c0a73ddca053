import { fill, h } from './element.ts';
import { icon } from './icons.ts';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const storageName = 'theme';

/** Shows the page in the theme that was chosen last. */
export function applyTheme(theme: Theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** A button that goes from the system's theme to light to dark. */
export function themeButton(): HTMLElement {
  const button = h('button', { type: 'button', class: 'plain', id: 'theme', onclick: next });
  show(stored());
  return button;

  function next(): void {
    const theme = themes[(themes.indexOf(stored()) + 1) % themes.length]!;
    localStorage.setItem(storageName, theme);
    applyTheme(theme);
    show(theme);
    dispatchEvent(new Event('themechange'));
  }

  function show(theme: Theme): void {
    const label = `Theme: ${theme === 'system' ? 'as the system' : theme}`;
    button.setAttribute('aria-label', label);
    button.title = label;
    fill(button, icon(theme));
  }
}

function stored(): Theme {
  const theme = localStorage.getItem(storageName);
  return themes.find((known) => known === theme) ?? 'system';
}
