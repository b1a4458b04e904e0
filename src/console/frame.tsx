import type { ComponentChildren } from 'preact';
import { timeZone } from './format.ts';
import { hrefOf, route, type View, views } from './route.ts';
import { signOut, token } from './session.ts';
import { theme, themes } from './theme.ts';
import { viewer } from './viewer.ts';

const names: Readonly<Record<View, string>> = {
  overview: 'Overview',
  data: 'Data',
  schema: 'Schema',
  migrations: 'Migrations',
  parity: 'Parity',
  explore: 'Explore',
};

/** The frame of every view: its name, the way to the others, the theme, the caller. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { view } = route.value;
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to content
      </button>
      <header class="top">
        <a class="brand" href={hrefOf('overview')}>
          <Logo />
          Tandem
        </a>
        <nav class="views" aria-label="Views">
          {views.map((name) => (
            <a key={name} href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
              {names[name]}
            </a>
          ))}
        </nav>
        <div class="corner">
          <Caller />
          <ThemeButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} class={`view-${view}`}>
        {children}
      </main>
      <footer class="bottom">Times are in {timeZone}; values of rows are as the API gives them.</footer>
    </>
  );
}

/** The address holds the view, so that a link would change it. */
function skip(): void {
  document.getElementById('main')?.focus();
}

function Caller() {
  const caller = viewer.value;
  if (caller === null) return null;
  return (
    <span class="caller" title={caller.subject ?? 'Nothing was to be proven.'}>
      <span class="role">{caller.role}</span>
      {token.value !== null && (
        <button type="button" class="plain" onClick={signOut}>
          Sign out
        </button>
      )}
    </span>
  );
}

const icons = {
  system: 'M12 4a8 8 0 0 0 0 16ZM12 4a8 8 0 0 1 0 16',
  light:
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4',
  dark: 'M19 14.5A7.5 7.5 0 1 1 9.5 5a6 6 0 0 0 9.5 9.5Z',
} as const;

function ThemeButton() {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  return (
    <button
      type="button"
      class="icon"
      title={`Theme: ${theme.value}`}
      aria-label={`Theme: ${theme.value}. Change to ${next}.`}
      onClick={() => {
        theme.value = next;
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true" class={theme.value}>
        <path d={icons[theme.value]} />
        {theme.value === 'system' && <path class="half" d="M12 4a8 8 0 0 0 0 16Z" />}
      </svg>
    </button>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="11.5" cy="16" r="8" class="azure" />
      <circle cx="20.5" cy="16" r="8" class="gcp" />
    </svg>
  );
}
