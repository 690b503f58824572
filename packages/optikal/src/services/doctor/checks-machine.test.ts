import { describe } from 'vitest';
import { checkMachine } from './checks-machine.ts';
import { type Case, database, HOUR, holdCases, MINUTE, machine, node, sample, space } from './test-support/sound.ts';

const CASES: readonly Case[] = [
  ['node', 'ok', node({ fromNpm: false, version: '25.0.0' }), 'Node 25.0.0, the one of this machine', null],
  ['node', 'fail', node({ version: '24.5.9' }), 'Node 24.5.9, expected at least 24.6', 'npm ci && npx optikal doctor'],
  ['node', 'fail', node({ version: '20.1.0' }), 'Node 20.1.0, expected at least 24.6', 'npm ci && npx optikal doctor'],
  [
    'platform',
    'warn',
    node({ platform: 'win32' }),
    'win32-x64: modes of files and flushing of folders are not what they are on Linux',
    'wsl --install',
  ],
  ['memory', 'ok', {}, '8.0 GB of memory, about 300 MB needed with 5 agents', null],
  [
    'memory',
    'warn',
    machine({ memoryBytes: 400e6, memoryIsLimit: true }),
    '400 MB allowed, about 300 MB needed with 5 agents',
    'cat /sys/fs/cgroup/memory.max # raise it to 600 MB where the service or the container is defined',
  ],
  ['memory', 'fail', machine({ memoryBytes: 200e6 }), '200 MB of memory, about 300 MB needed with 5 agents', 'free -h'],
  [
    'memory',
    'fail',
    { ...machine({ memoryBytes: 2e9, memoryIsLimit: true }), ...database({ agents: { agents: 1_000_000, silent: [], silentCount: 0 } }) },
    '2.0 GB allowed, about 4.4 GB needed with 1,000,000 agents',
    'cat /sys/fs/cgroup/memory.max # raise it to 8.8 GB where the service or the container is defined',
  ],
  ['open-files', 'warn', machine({ openFiles: 256 }), '256 files may be open, 1100 are needed at most', 'ulimit -n 2200'],
  ['open-files', 'ok', machine({ openFiles: null }), 'this system does not say how many files may be open', null],
  [
    'disk',
    'warn',
    space('data', 900e6),
    '900 MB free (0.9 %) at /data, 1,000,000 files can be made',
    'du -xh --max-depth=2 /data | sort -h | tail',
  ],
  ['disk', 'fail', space('data', 90e6, null), '90 MB free (below 0.1 %) at /data', 'du -xh --max-depth=2 /data | sort -h | tail'],
  ['disk', 'fail', space('data', 9e9, 0), '9.0 GB free (9 %) at /data, 0 files can be made', 'du -xh --max-depth=2 /data | sort -h | tail'],
  ['tmp', 'warn', space('tmp', 90e6, null), '90 MB free (below 0.1 %) at /tmp', 'du -xh --max-depth=2 /tmp | sort -h | tail'],
  ['growth', 'ok', {}, 'the log grows by 1.0 MB a day (over its newest 24 h): the disk lasts more than ten years', null],
  ['growth', 'warn', sample({ bytes: 5e9 }), 'the log grows by 5.0 GB a day (over its newest 24 h): the disk lasts 10 days', 'df -h var/'],
  [
    'growth',
    'fail',
    sample({ bytes: 5e9, spanMs: HOUR }),
    'the log grows by 120 GB a day (over its newest 60 min): the disk lasts 10 h',
    'df -h var/',
  ],
  ['growth', 'ok', sample({ spanMs: 5 * MINUTE }), 'the log spans 5 min: too little to say how fast it grows', null],
];

describe('the machine', () => {
  holdCases(checkMachine, CASES);
});
