import './styles/console.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { Data } from './data/data.tsx';
import { Explore } from './explore/explore.tsx';
import { Frame } from './frame.tsx';
import { Migrations } from './migrations/migrations.tsx';
import { finishSignIn } from './oidc.ts';
import { Overview } from './overview/overview.tsx';
import { Parity } from './parity/parity.tsx';
import { route, type View } from './route.ts';
import { Schema } from './schema/schema.tsx';
import { session, token } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { loadViewer } from './viewer.ts';

const shown: Readonly<Record<View, () => unknown>> = {
  overview: Overview,
  data: Data,
  schema: Schema,
  migrations: Migrations,
  parity: Parity,
  explore: Explore,
};

const titleOf = (view: View) => `${view[0]?.toUpperCase()}${view.slice(1)}`;

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
      <h1 class="hidden-text">{titleOf(view)}</h1>
      <View key={view} />
    </Frame>
  );
}

effect(() => {
  const { view } = route.value;
  document.title = `${titleOf(view)} · Tandem`;
});

// Each token may be another caller.
effect(() => {
  void token.value;
  if (session.value === 'ready') void loadViewer();
});

await finishSignIn();
render(<Console />, document.getElementById('console') as HTMLElement);
