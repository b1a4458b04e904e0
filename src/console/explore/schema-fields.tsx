import { useState } from 'preact/hooks';
import type { ApiSchema } from '../api/schema.ts';

/** The fields that can be selected: types with their fields, found by name. */
export function SchemaFields({ schema }: { readonly schema: ApiSchema }) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const types = [...schema.types.values()].filter(({ name }) => !name.startsWith('__'));
  const found =
    wanted === ''
      ? [schema.query, ...(schema.mutation ? [schema.mutation] : [])]
      : types
          .filter(({ name, fields }) => name.toLowerCase().includes(wanted) || fields.has(search.trim()))
          .toSorted((one, other) => one.name.length - other.name.length)
          .slice(0, 6);
  return (
    <details class="schema-fields">
      <summary>
        <b>Schema</b> <span class="quiet">types and fields, with their meaning</span>
      </summary>
      <label>
        <span>A type or a field</span>
        <input type="search" value={search} onInput={({ currentTarget }) => setSearch(currentTarget.value)} />
      </label>
      {found.map(({ name, description, fields, values }) => (
        <section key={name}>
          <h3>
            <code>{name}</code>
          </h3>
          {description && <p class="quiet">{description}</p>}
          {values.length > 0 && <p>{values.join(', ')}</p>}
          <dl>
            {[...fields.values()].map((field) => (
              <div key={field.name}>
                <dt>
                  <code>
                    {field.name}
                    {field.args.length > 0 && `(${field.args.map((arg) => arg.name).join(', ')})`}
                  </code>
                  {': '}
                  <button type="button" class="plain" onClick={() => setSearch(field.type.name)}>
                    <code>{field.type.text}</code>
                  </button>
                </dt>
                <dd class="quiet">{field.description}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </details>
  );
}
