import { useState } from 'preact/hooks';

/** Copies a text, and says so. */
export function CopyButton({ text, what = 'Copy' }: { readonly text: string; readonly what?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // Browsers give the clipboard to pages by TLS, and to those of loopback.
      setState('failed');
    }
    setTimeout(() => setState('idle'), 2000);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">
        {state === 'idle' ? what : state === 'copied' ? 'Copied' : 'Select it by hand'}
      </span>
    </button>
  );
}

/** SQL, or a command, to copy. */
export function CodeBlock({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div class="code-block">
      <div role="group" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </div>
      <CopyButton text={text} />
    </div>
  );
}
