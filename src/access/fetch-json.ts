import { isKeyAddress } from '../config/groups/access.ts';

/** Bytes of a discovery document or of a set of keys at most: those of Entra and Google have some thousands. */
const mostBytes = 256 * 1024;

/**
 * Reads JSON from an identity provider. An attacker between may not choose another address or send without end: it follows no
 * redirect, and bounds the size.
 *
 * @param signal ends it, also in the middle of the answer
 * @throws Error whose message says why, without the address
 */
export async function fetchJson(address: string, signal: AbortSignal): Promise<unknown> {
  if (!isKeyAddress(address)) throw new Error('its address is neither https:// nor on this machine');
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal,
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`it answers with status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes / 1024} KiB`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Error('its answer is not JSON');
  }
}
