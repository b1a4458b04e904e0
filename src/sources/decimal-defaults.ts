import type { Platform } from '@mikro-orm/core';

/**
 * MikroORM writes a DECIMAL's default into the snapshot as a rounded double: 1e-30 becomes 2.2e-16, which differs from the entity's at each
 * comparison. This leaves it all digits, without zeros behind.
 */
export function keepDecimals(platform: Platform): void {
  const formatDecimal = (value: unknown) => {
    const [text, whole, fraction = ''] = /^(-?\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
    if (text === undefined) return Number(value);
    const digits = fraction.replace(/0+$/, '');
    return digits === '' ? whole : `${whole}.${digits}`;
  };
  Object.assign(platform, { formatDecimal });
}
