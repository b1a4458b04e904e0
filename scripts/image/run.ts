import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program prints on stdout. @throws with its stderr when it fails */
export async function output(program: string, ...args: string[]): Promise<string> {
  return outputIn(process.cwd(), program, ...args);
}

export async function outputIn(cwd: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
