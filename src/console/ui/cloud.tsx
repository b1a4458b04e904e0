export type Cloud = 'AZURE' | 'GCP';

export const clouds = ['AZURE', 'GCP'] as const;

const services: Readonly<Record<Cloud, string>> = {
  AZURE: 'Azure Database for MySQL',
  GCP: 'Cloud SQL for MySQL',
};

/** A cloud's mark: a filled square with A, or a ring with G, so that colour alone tells nothing. */
function CloudMark({ cloud }: { readonly cloud: Cloud }) {
  return (
    <svg class={`cloud-mark ${cloud.toLowerCase()}`} viewBox="0 0 20 20" aria-hidden="true">
      {cloud === 'AZURE' ? (
        <rect x="1" y="1" width="18" height="18" rx="4" class="mark-fill" />
      ) : (
        <circle cx="10" cy="10" r="8.25" class="mark-ring" />
      )}
      <text x="10" y="14" text-anchor="middle">
        {cloud[0]}
      </text>
    </svg>
  );
}

export function CloudName({ cloud, long = false }: { readonly cloud: Cloud; readonly long?: boolean }) {
  return (
    <span class="cloud-name">
      <CloudMark cloud={cloud} />
      <span>{cloud}</span>
      {long && <small>{services[cloud]}</small>}
    </span>
  );
}

/** The head of a table that has a column for each cloud. */
export function CloudHeads({ first }: { readonly first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {clouds.map((cloud) => (
          <th key={cloud} scope="col">
            <CloudName cloud={cloud} />
          </th>
        ))}
      </tr>
    </thead>
  );
}
