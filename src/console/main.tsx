import './styles/console.css';
import { computed, effect, signal } from '@preact/signals';
import { render } from 'preact';
import { Data } from './data/data.tsx';
import { Explore } from './explore/explore.tsx';
import { Frame } from './frame.tsx';
import { keepFocus } from './keep-focus.ts';
import { Migrations } from './migrations/migrations.tsx';
import { finishSignIn } from './oidc.ts';
import { Overview } from './overview/overview.tsx';
import { Parity } from './parity/parity.tsx';
import { route, type View } from './route.ts';
import { Schema } from './schema/schema.tsx';
import { session, token } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { useResource } from './use-resource.ts';
import { askViewer } from './viewer.ts';

const shown: Readonly<Record<View, () => unknown>> = {
  overview: Overview,
  data: Data,
  schema: Schema,
  migrations: Migrations,
  parity: Parity,
  explore: Explore,
};

const titleOf = (view: View) => `${view[0]?.toUpperCase()}${view.slice(1)}`;

/** Milliseconds until the page learns that the server has other types, or the caller other rights. */
const viewerEvery = 10_000;

/** Each token may be another caller. */
const caller = signal(0);
effect(() => {
  void token.value;
  caller.value = caller.peek() + 1;
});

/** Draws nothing, so that an answer draws nothing else anew. */
function KnowsCaller() {
  useResource(`viewer ${caller.value}`, askViewer, { every: viewerEvery });
  return null;
}

function Console() {
  const View = shown[route.value.view] as () => preact.JSX.Element;
  const { view } = route.value;
  if (session.value !== 'ready')
    return (
      <Frame>
        <SignIn />
      </Frame>
    );
  return (
    <Frame>
      <KnowsCaller />
      <h1 class="hidden-text">{titleOf(view)}</h1>
      <View key={view} />
    </Frame>
  );
}

const viewNow = computed(() => route.value.view);
effect(() => {
  document.title = `${titleOf(viewNow.value)} · Tandem`;
  // Another view begins at its top.
  scrollTo({ top: 0 });
});

const root = document.getElementById('console') as HTMLElement;
keepFocus(root);
await finishSignIn();
render(<Console />, root);
