import { describe, expect, test } from 'vitest';
import { ownMirror, parseDistribution, serverPackage, wanted } from '../../src/local/apt/distribution.ts';
import { aptConfig, parsePrintUris, sourcesFile } from '../../src/local/apt/private-state.ts';
import { parseSources } from '../../src/local/apt/sources.ts';

const DEBIAN = `
# mirrors are commented in images
Types: deb
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main
# a comment within a stanza
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://sources.example.org/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example.org/debian
Suites: bookworm
Components: main
`;

describe('sources of apt', () => {
  test('are read from deb822 stanzas, but not sources of source code or disabled ones', () => {
    expect(parseSources(DEBIAN, 'deb822').map(({ uri }) => uri)).toEqual([
      'http://mirror.example.org/debian',
      'http://mirror.example.org/debian-security',
    ]);
    expect(parseSources(DEBIAN, 'deb822')[0]).toEqual({
      uri: 'http://mirror.example.org/debian',
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main'],
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    });
  });

  test('are read from stanzas with several addresses and with a key inside', () => {
    const stanza = `Types: deb deb-src
URIs: http://a.example.org/ubuntu
 http://b.example.org/ubuntu
Suites: noble
Components: main universe
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc`;
    const sources = parseSources(stanza, 'deb822');
    expect(sources.map(({ uri }) => uri)).toEqual([
      'http://a.example.org/ubuntu',
      'http://b.example.org/ubuntu',
    ]);
    expect(sources[0]).toMatchObject({ components: ['main', 'universe'], signedBy: null });
  });

  test('are read from one-line lists with options and comments', () => {
    const list = `# deb http://old.example.org/debian sid main
deb [arch=amd64 signed-by=/etc/apt/keyrings/key.gpg] https://mirror.example.org/ubuntu noble main universe # own
deb-src https://mirror.example.org/ubuntu noble main`;
    expect(parseSources(list, 'list')).toEqual([
      {
        uri: 'https://mirror.example.org/ubuntu',
        suites: ['noble'],
        components: ['main', 'universe'],
        signedBy: '/etc/apt/keyrings/key.gpg',
      },
    ]);
  });
});

describe('the distribution', () => {
  test.each([
    ['ID=debian\nVERSION_CODENAME=bookworm', { id: 'debian', codename: 'bookworm' }],
    ['ID=debian\nPRETTY_NAME="Debian GNU/Linux sid"', { id: 'debian', codename: 'sid' }],
    ['ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble', { id: 'ubuntu', codename: 'noble' }],
    [
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
      { id: 'ubuntu', codename: 'noble' },
    ],
    ['ID=fedora\nVERSION_CODENAME=""', null],
    ['ID=raspbian\nID_LIKE=debian\nVERSION_CODENAME=bookworm', null],
  ])('of %j is %j', (text, found) => {
    expect(parseDistribution(text)).toEqual(found);
  });

  test('is fetched from the mirror of the machine, never from its security archive', () => {
    const sources = parseSources(DEBIAN, 'deb822').reverse();
    expect(ownMirror({ id: 'debian', codename: 'bookworm' }, sources)).toEqual({
      uri: 'http://mirror.example.org/debian',
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    });
    expect(ownMirror({ id: 'debian', codename: 'trixie' }, sources)).toBeNull();
  });

  test('has MySQL in unstable for Debian, in its own suites for Ubuntu', () => {
    const debian = { id: 'debian', codename: 'bookworm' } as const;
    const ubuntu = { id: 'ubuntu', codename: 'noble' } as const;
    expect(wanted(debian)).toEqual({ suites: ['sid'], components: ['main'] });
    expect(wanted(ubuntu)).toEqual({
      suites: ['noble', 'noble-updates'],
      components: ['main', 'universe'],
    });
  });

  test.each([
    [['mysql-server-core', 'mysql-server-core-dbgsym'], 'mysql-server-core'],
    [['mysql-server-core-8.0', 'mysql-server-core-8.4', 'mysql-server-core-10.1'], 'mysql-server-core-10.1'],
    [['', 'mysql-client-core-8.0'], null],
  ])('of %j has the server %j', (names, name) => {
    expect(serverPackage(names)).toBe(name);
  });
});

describe('the private state of apt', () => {
  test('names nothing of the machine but the place of its network settings', () => {
    const paths = aptConfig('/private', 'arm64').match(/"(\/[^"]*)"/g);
    expect(paths?.filter((path) => !path.startsWith('"/private') && path !== '"/dev/null"')).toEqual([]);
    expect(aptConfig('/private', 'arm64')).toContain('APT::Architectures { "arm64"; };');
  });

  test('lists what is to be fetched with its size', () => {
    const output = `Need to get 59.8 MB of archives.
'http://mirror.example.org/debian/pool/main/g/glibc/libc6_2.43-7_amd64.deb' libc6_2.43-7_amd64.deb 1866392 MD5Sum:1d
'http://mirror.example.org/debian/pool/main/z/zlib/zlib1g_1.3_amd64.deb' zlib1g_1%3a1.3_amd64.deb 92424 SHA256:b9
`;
    expect(parsePrintUris(output)).toEqual([
      { file: 'libc6_2.43-7_amd64.deb', bytes: 1866392 },
      { file: 'zlib1g_1%3a1.3_amd64.deb', bytes: 92424 },
    ]);
  });

  test('writes a source that it can read again', () => {
    const source = {
      uri: 'http://m.example.org/debian',
      suites: ['sid'],
      components: ['main'],
      signedBy: '/k.gpg',
    };
    expect(parseSources(sourcesFile(source), 'deb822')).toEqual([source]);
  });
});
