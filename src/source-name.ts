/** The two clouds that hold the schema: Azure Database for MySQL and Google Cloud SQL for MySQL. */
export const SourceName = { AZURE: 'AZURE', GCP: 'GCP' } as const;

export type SourceName = (typeof SourceName)[keyof typeof SourceName];

/** Both names, in the order in which everything lists them. */
export const sourceNames = [SourceName.AZURE, SourceName.GCP] as const;

/** The same value for each source, made by `make`. */
export function perSource<T>(make: (name: SourceName) => T): Record<SourceName, T> {
  return { AZURE: make('AZURE'), GCP: make('GCP') };
}
