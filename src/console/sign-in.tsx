import { useState } from 'preact/hooks';
import { session, signIn } from './session.ts';

/** Shown instead of a view while the server wants a token. */
export function SignIn() {
  const [text, setText] = useState('');
  const isExpired = session.value === 'expired';
  return (
    <section class="card sign-in" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{isExpired ? 'Your token is no longer valid' : 'Sign in'}</h1>
      <p>
        {isExpired
          ? 'The server refused it: it has expired, or its key is gone. Sign in again; the view stays where it is.'
          : 'This server answers callers who prove who they are.'}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') signIn({ text: text.trim() });
        }}
      >
        <label>
          <span>Token or API key</span>
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Use it
        </button>
      </form>
      <p class="quiet">It is kept in the memory of this page alone, and is gone when the page is closed.</p>
    </section>
  );
}
