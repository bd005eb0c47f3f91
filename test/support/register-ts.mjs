// Lets Node load .ts files, and ./x.js where only ./x.ts exists, in this thread.
// Why not `--import tsx`: tsx registers itself in the main thread only, so on Node 20 a
// `new Worker(new URL('./worker.js', import.meta.url))` would not find its .ts source. And it takes
// half a second of every thread that it is registered in, which nearly every test has one of.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
