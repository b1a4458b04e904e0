import { Fragment } from 'preact';

/** A name of MySQL, which may go on in the next line behind its underscores and dots. */
export function Breakable({ name }: { readonly name: string }) {
  return (
    <>
      {name.split(/(?<=[_.])/).map((part, at) => (
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </>
  );
}
