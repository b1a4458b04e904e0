import { parentPort, workerData } from 'node:worker_threads';
import elk from 'elkjs/lib/elk.bundled.js';

// A thread of its own for one graph (place.ts).
parentPort?.postMessage(await new elk.default().layout(workerData));
