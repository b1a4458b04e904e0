import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runConfig } from '../../scripts/image/layout.ts';

/** Instructions of the Containerfile by stage, each with its arguments; continued lines are joined. */
const stages = readFileSync('Containerfile', 'utf8')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
  .reduce<(readonly [string, string])[][]>((all, one) => {
    if (one[0] === 'FROM') all.push([]);
    all.at(-1)?.push(one);
    return all;
  }, []);
const last = stages.at(-1) ?? [];
const said = (name: string) => last.filter(([instruction]) => instruction === name).map(([, text]) => text);

describe('the Containerfile', () => {
  it('names each base by its digest', () => {
    const bases = stages.map(([from]) => from?.[1]);
    expect(bases.length).toBeGreaterThan(2);
    for (const base of bases) expect(base).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}( AS \w+)?$/);
  });

  it('runs as the image of `npm run image` does', () => {
    const { User, Env, Entrypoint, Cmd, WorkingDir, StopSignal, Healthcheck, ExposedPorts } = runConfig;
    expect(said('USER')).toEqual([User]);
    expect(said('ENV')).toEqual([Env.join(' ')]);
    expect(said('WORKDIR')).toEqual([WorkingDir]);
    expect(said('STOPSIGNAL')).toEqual([StopSignal]);
    expect(said('EXPOSE')).toEqual(Object.keys(ExposedPorts));
    expect(JSON.parse(said('ENTRYPOINT')[0] as string)).toEqual(Entrypoint);
    expect(JSON.parse(said('CMD')[0] as string)).toEqual(Cmd);
    const [, options, command = ''] = /^(.*) CMD (.*)$/.exec(said('HEALTHCHECK')[0] as string) ?? [];
    expect(options).toBe(`--interval=${Healthcheck.Interval / 1e9}s --timeout=${Healthcheck.Timeout / 1e9}s`);
    expect(['CMD', ...JSON.parse(command)]).toEqual(Healthcheck.Test);
  });

  it('takes node_modules without what only development needs, and files that are there', () => {
    const copied = last.filter(([name, text]) => name === 'COPY' && text.includes('--from='));
    expect(copied.map(([, text]) => text.split(' ')[0])).toEqual([
      '--from=modules',
      '--from=modules',
      '--from=build',
    ]);
    const modules = stages[0]?.find(([name]) => name === 'RUN')?.[1];
    expect(modules).toContain('npm ci --omit=dev --ignore-scripts');
    const own = stages
      .flat()
      .filter(([name, text]) => name === 'COPY' && !text.startsWith('--from='))
      .flatMap(([, text]) => text.split(' ').slice(0, -1));
    expect(own.filter((file) => !existsSync(file))).toEqual([]);
  });
});
