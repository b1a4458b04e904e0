import { readFileSync } from 'node:fs';

/**
 * Who reaches a server: machines of its private network alone, or single IPv4 addresses as well. There is no way to say
 * "all of the internet".
 */
export type Access = 'private' | { readonly addresses: readonly string[] };

export interface Settings {
  /** What the names of all resources begin with. */
  readonly name: string;
  readonly database: string;
  /** Sessions of Tandem's account: MAX_USER_CONNECTIONS. */
  readonly poolMax: number;
  readonly maxConnections: number;
  readonly connectTimeoutSeconds: number;
  readonly backupDays: number;
  readonly alertEmail: string;
  readonly azure: {
    readonly subscription: string;
    readonly tenant: string;
    readonly location: string;
    readonly server: string;
    /** General Purpose or Business Critical: Burstable has neither replicas nor high availability. */
    readonly sku: string;
    readonly storageGb: number;
    readonly highlyAvailable: boolean;
    readonly access: Access;
    /** The server's one administrator of Microsoft Entra: a group, best. */
    readonly admin: { readonly login: string; readonly objectId: string };
    readonly monthlyBudget: number;
    /** The first of a month. */
    readonly budgetFrom: string;
  };
  readonly gcp: {
    readonly project: string;
    readonly region: string;
    readonly instance: string;
    readonly tier: string;
    readonly edition: 'ENTERPRISE' | 'ENTERPRISE_PLUS';
    readonly storageGb: number;
    readonly highlyAvailable: boolean;
    readonly access: Access;
    readonly billingAccount: string;
    readonly monthlyBudget: number;
    readonly currency: string;
  };
}

/** @throws Error that lists every fault of the file */
export function readSettings(file: string | URL): Settings {
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new Error(`${file}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  return settings;
}

/** What is wrong with settings; empty: nothing. */
export function faultsOf({ azure, gcp, ...both }: Settings): string[] {
  const faults: string[] = [];
  const check = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };
  check(/^[a-z][a-z\d-]{2,20}$/.test(both.name), 'name: 3 to 21 of a-z, 0-9 and -');
  check(/^[a-z][a-z\d_]{0,62}$/.test(both.database), 'database: lower case letters, digits and _');
  check(Number.isInteger(both.poolMax) && both.poolMax >= 2 && both.poolMax <= 20, 'poolMax: 2 to 20');
  check(both.maxConnections >= both.poolMax + 20, 'maxConnections: poolMax and 20 more at least');
  check(
    both.connectTimeoutSeconds >= 5 && both.connectTimeoutSeconds <= 60,
    'connectTimeoutSeconds: 5 to 60',
  );
  check(both.backupDays >= 7 && both.backupDays <= 35, 'backupDays: 7 to 35');
  check(/^[^@\s]+@[^@\s]+$/.test(both.alertEmail), 'alertEmail: an address');
  check(!/_B\d/.test(azure.sku), 'azure.sku: Burstable has neither replicas nor high availability');
  check(/^\d{4}-\d\d-01$/.test(azure.budgetFrom), 'azure.budgetFrom: the first of a month');
  check(azure.monthlyBudget > 0 && gcp.monthlyBudget > 0, 'monthlyBudget: above 0');
  for (const [cloud, { access }] of Object.entries({ azure, gcp })) {
    if (access === 'private') continue;
    const { addresses } = access;
    check(addresses.length > 0, `${cloud}.access.addresses: is empty`);
    for (const address of addresses) {
      check(
        isSingleAddress(address),
        `${cloud}.access.addresses: ${address} is not a single public IPv4 address`,
      );
    }
  }
  return faults;
}

/** One address of the internet: no range, and none of those that stand for all or for a private network. */
export function isSingleAddress(address: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return false;
  const [a = 0, b = 0] = parts;
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || a === 127;
  return a > 0 && a < 224 && !isPrivate;
}
