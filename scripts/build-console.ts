// Bundles the console beside what tsc has compiled: `npm run build`.
import { writeConsole } from './console/write.ts';

await writeConsole('dist');
