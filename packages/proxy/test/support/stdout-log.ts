// A program that logs more to standard output than its reader takes, and then ends.

import { createAccessLog } from '../../src/telemetry/access-log/access-log.ts';
import { requestRecord } from './request-record.ts';

const lines = 20_000;
const log = createAccessLog({ to: 'stdout', maxPendingBytes: 500_000 });
const record = requestRecord();
for (let n = 0; n < lines; n++) log.log(record);
await log.flush(200);
await log.close(200);
process.stderr.write(JSON.stringify({ lines, stats: log.stats() }));
