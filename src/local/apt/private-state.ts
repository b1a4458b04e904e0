import { join } from 'node:path';

/** The files of a private apt state, all below one directory. */
export function aptPaths(dir: string) {
  return {
    config: join(dir, 'apt.conf'),
    sources: join(dir, 'tandem.sources'),
    /** An empty list of installed packages, so that every dependency is fetched, even libc. */
    status: join(dir, 'status'),
    lists: join(dir, 'lists'),
    archives: join(dir, 'archives'),
  };
}

/**
 * An apt configuration that leaves the machine alone: own lists, own archives, no hooks, no locks of the
 * system's and no root. Proxies and other network settings of the machine stay, for it is read last
 * (`-c`) and overrides only what it names. Source: apt.conf(5).
 */
export function aptConfig(dir: string, architecture: string): string {
  const paths = aptPaths(dir);
  return `Dir::State "${dir}/";
Dir::State::lists "${paths.lists}/";
Dir::State::status "${paths.status}";
Dir::Cache "${dir}/";
Dir::Cache::archives "${paths.archives}/";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "${dir}/";
Dir::Etc::sourcelist "${paths.sources}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
#clear APT::Default-Release;
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
APT::Install-Recommends "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
// The user _apt may not look into a private directory.
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::Retries "2";
`;
}

export function sourcesFile(source: {
  uri: string;
  suites: readonly string[];
  components: readonly string[];
  signedBy: string;
}): string {
  return `Types: deb
URIs: ${source.uri}
Suites: ${source.suites.join(' ')}
Components: ${source.components.join(' ')}
Signed-By: ${source.signedBy}
`;
}

export interface Archive {
  file: string;
  bytes: number;
}

/** Reads `apt-get --print-uris`: lines of `'uri' file bytes hash`. */
export function parsePrintUris(output: string): Archive[] {
  return output.split('\n').flatMap((line) => {
    const match = /^'[^']+' (\S+) (\d+)/.exec(line);
    return match ? [{ file: match[1] ?? '', bytes: Number(match[2]) }] : [];
  });
}
