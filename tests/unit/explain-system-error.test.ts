import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/commands/describe-error.ts';

async function failureOf(port: number, host: string): Promise<unknown> {
  const server = createServer();
  return new Promise((resolve) =>
    server.once('error', resolve).listen(port, host, () => server.close(resolve)),
  );
}

function failureOfFile(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('what the system refuses is told with its cause and what to do', () => {
  it.each([
    [
      'an address of another machine',
      () => failureOf(0, '203.0.113.7'),
      /^203\.0\.113\.7.* is no address of this machine.*\nNext: Set HOST/,
    ],
    [
      'a name without an address',
      () => failureOf(0, 'nowhere.invalid'),
      /the name nowhere\.invalid has no address\.\nNext: Set HOST/,
    ],
    ['a disk that is full', () => failureOfFile(() => writeFileSync('/dev/full', 'x')), undefined],
    [
      'a folder that is not there',
      () => failureOfFile(() => writeFileSync('/nowhere/a.svg', 'x')),
      /^ENOENT: \/nowhere\/a\.svg does not exist/,
    ],
    ['a folder', () => failureOfFile(() => writeFileSync('/tmp', 'x')), /^EISDIR: \/tmp is a folder/],
    [
      'a file in the place of a folder',
      () => failureOfFile(() => readFileSync('/etc/passwd/x')),
      /^ENOTDIR: /,
    ],
  ])('%s', async (_what, fail, message) => {
    const text = describeError(await fail());
    if (message !== undefined) expect(text).toMatch(message);
    if (message !== undefined) expect(text).not.toMatch(/\n\s+at /);
  });

  // These need another account, another file system or a limit: what Node says of them is set here.
  it.each([
    [
      { code: 'ENXIO', syscall: 'open', path: '/run/events' },
      /^ENXIO: \/run\/events is a named pipe that no program reads.*\nNext: Start its reader first/,
    ],
    [
      { code: 'EACCES', syscall: 'listen', address: '127.0.0.1', port: 80 },
      /may not listen on 127\.0\.0\.1:80.*\nNext: Set PORT to a higher one/,
    ],
    [
      { code: 'EACCES', syscall: 'listen', address: '127.0.0.1', port: 81, setting: 'METRICS' },
      /Set METRICS to a higher one/,
    ],
    [
      { code: 'EADDRINUSE', syscall: 'listen', port: 9464, setting: 'METRICS' },
      /^Port 9464 is taken by another program\.\nNext: Set METRICS to another one/,
    ],
    [
      { code: 'EAFNOSUPPORT', syscall: 'listen', address: '::1', port: 4000 },
      /no network of the kind of ::1:4000/,
    ],
    [
      { code: 'EROFS', syscall: 'open', path: '/x/.tandem/local.env' },
      /^EROFS: \/x\/\.tandem\/local\.env is on a file system that is read-only/,
    ],
    [{ code: 'ENOSPC', syscall: 'write', path: 'erd.svg' }, /^ENOSPC: No space is left for erd\.svg/],
    [
      { code: 'EMFILE', syscall: 'open', path: 'x' },
      /^EMFILE: This process has as many files and connections open.*\nNext: .*ulimit -n/,
    ],
    [{ code: 'ENFILE', syscall: 'accept' }, /^ENFILE: This machine has/],
  ])('%j', (about, message) => {
    expect(describeError(Object.assign(new Error('canary'), about))).toMatch(message);
  });
});
