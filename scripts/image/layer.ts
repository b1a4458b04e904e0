import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface Layer {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes, compressed. */
  readonly size: number;
  /** The digest before compression: https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#layer-diffid */
  readonly diffId: string;
}

/**
 * One layer of a folder's files, the same bytes each time: sorted, of one time, owned by root, and without what differs
 * between file systems. https://reproducible-builds.org/docs/archives/
 */
export async function writeLayer(root: string, layout: string, time: number): Promise<Layer> {
  const tar = spawn(
    'tar',
    [
      ...['--create', '--directory', root, '--format=pax', '--sort=name', `--mtime=@${time}`],
      ...['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'],
      ...['--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime', '.'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve, reject) =>
    tar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`)))),
  );
  const plain = hashing();
  const packed = hashing();
  const file = join(layout, 'blobs/sha256/layer');
  await Promise.all([
    ended,
    pipeline(tar.stdout, plain.through, createGzip({ level: 9 }), packed.through, createWriteStream(file)),
  ]);
  const { digest, bytes } = packed.result();
  await rename(file, join(layout, 'blobs', digest.replace(':', '/')));
  return {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest,
    size: bytes,
    diffId: plain.result().digest,
  };
}

function hashing() {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _, next) {
      hash.update(chunk);
      bytes += chunk.length;
      next(null, chunk);
    },
  });
  return { through, result: () => ({ digest: `sha256:${hash.digest('hex')}`, bytes }) };
}
