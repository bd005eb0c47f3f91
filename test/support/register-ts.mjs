// Lets Node load .ts files, and ./x.js where only ./x.ts exists, in this thread.
// Why not `--import tsx`: tsx registers itself in the main thread only, so on Node 20 a
// `new Worker(new URL('./worker.js', import.meta.url))` would not find its .ts source.
import { register } from 'tsx/esm/api';

register();
