import { useState } from 'preact/hooks';
import { issuer, signInProblem, startSignIn } from './oidc.ts';
import { type SessionState, session, signIn, token } from './session.ts';

const titles: Readonly<Record<Exclude<SessionState, 'ready'>, string>> = {
  'signed-out': 'Sign in',
  expired: 'Your sign-in has ended',
  'no-role': 'In which role?',
};

const texts: Readonly<Record<Exclude<SessionState, 'ready'>, string>> = {
  'signed-out': 'This server answers callers who prove who they are.',
  expired: 'The server refused the token: it has expired, or its key is gone. The view stays where it is.',
  'no-role':
    'The server knows you. Your token has no role that it declares, or several, of which one is to be named.',
};

/** Shown instead of a view while the server wants a token, or a role. */
export function SignIn() {
  const state = session.value === 'ready' ? 'signed-out' : session.value;
  return (
    <section class="card sign-in" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{titles[state]}</h1>
      <p>{texts[state]}</p>
      {signInProblem.value !== '' && (
        <p class="alarm" role="alert">
          {signInProblem.value}
        </p>
      )}
      {state === 'no-role' && (
        <TextForm
          label="Role"
          type="text"
          button="Act in it"
          use={(role) => signIn({ text: token.value?.text ?? '', role })}
        />
      )}
      {issuer !== '' && (
        <button type="button" class="primary" onClick={() => void startSignIn()}>
          Sign in at {new URL(issuer).host}
        </button>
      )}
      {state !== 'no-role' && (
        <TextForm label="Token or API key" type="password" button="Use it" use={(text) => signIn({ text })} />
      )}
      <p class="quiet">
        A token is kept in the memory of this page alone, and is gone when the page is closed.
      </p>
    </section>
  );
}

function TextForm({
  label,
  type,
  button,
  use,
}: {
  readonly label: string;
  readonly type: 'text' | 'password';
  readonly button: string;
  readonly use: (text: string) => void;
}) {
  const [text, setText] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') use(text.trim());
      }}
    >
      <label>
        <span>{label}</span>
        <input
          type={type as 'text'}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit">{button}</button>
    </form>
  );
}
