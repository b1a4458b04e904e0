/**
 * The result of `work`; after `ms` milliseconds `late` instead, whatever becomes of the work. The process lives for as long: where nothing
 * else keeps it, such as a socket, it would end in the middle, with exit code 13
 * (https://nodejs.org/api/process.html#exit-codes).
 */
export async function within<T, const L>(ms: number, work: Promise<T>, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<L>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
