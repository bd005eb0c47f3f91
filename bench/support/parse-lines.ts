// The bare limit of reading NDJSON: split into lines, JSON.parse each, keep nothing. Run as a process of its own:
// takes a file and a number of turns, prints the microseconds of CPU that a line took.
import { readFileSync } from 'node:fs';

const [, , path = '', turns = '1'] = process.argv;
const body = readFileSync(path);

let lines = 0;
const before = process.cpuUsage();
for (let turn = 0; turn < Number(turns); turn += 1) {
  let start = 0;
  for (let end = body.indexOf(10); end !== -1; end = body.indexOf(10, start)) {
    JSON.parse(body.toString('utf8', start, end));
    lines += 1;
    start = end + 1;
  }
}
const { user, system } = process.cpuUsage(before);
console.log((user + system) / lines);
