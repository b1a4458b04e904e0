import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { apiSchema, loadSchema, schemaErrors } from '../api/schema.ts';
import { viewer } from '../viewer.ts';
import { Failure, Notice, Skeleton } from './notice.tsx';

/** Learns the schema of the caller, again whenever it is another one. */
export function useSchema({ enabled = true } = {}): { readonly load: () => void } {
  const { role, schemaDigest } = viewer.value ?? {};
  const load = () => {
    if (role !== undefined && schemaDigest !== undefined) void loadSchema(role, schemaDigest);
  };
  useEffect(() => {
    if (enabled) load();
  }, [enabled, role, schemaDigest]);
  return { load };
}

/** Content that lives on the schema: until it is known, or where it is closed, something else stands there. */
export function NeedsSchema({ children }: { readonly children: ComponentChildren }) {
  const { load } = useSchema();
  if (apiSchema.value !== null) return <>{children}</>;
  if (schemaErrors.value.length === 0) return <Skeleton lines={12} />;
  const isRefused = schemaErrors.value.some(({ code }) => code === 'GRAPHQL_VALIDATION_FAILED');
  if (!isRefused) return <Failure errors={schemaErrors.value} retry={load} />;
  return (
    <Notice kind="forbidden" title="The schema is closed to your role">
      <p>
        This view learns the tables by introspection. An operator opens it with <code>INTROSPECTION=on</code>,
        and a role needs the feature <code>introspection</code>.
      </p>
    </Notice>
  );
}
