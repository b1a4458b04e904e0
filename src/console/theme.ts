import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const stored = localStorage.getItem('tandem-theme');

/** How the page looks; `system` follows the browser. */
export const theme = signal<Theme>(themes.find((name) => name === stored) ?? 'system');

effect(() => {
  if (theme.value === 'system') {
    document.documentElement.removeAttribute('data-theme');
    localStorage.removeItem('tandem-theme');
  } else {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem('tandem-theme', theme.value);
  }
});
