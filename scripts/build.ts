// Completes what tsc has compiled into dist/: `npm run build`.
import { bundleServe } from './build/bundle-serve.ts';
import { writeConsole } from './build/write-console.ts';

await Promise.all([bundleServe('dist'), writeConsole('dist')]);
