/** What the figures come from. They hold as ratios; who wants to compare more than that has to know the machine. */
import { cpus, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  cpu: string;
  memoryGb: number;
  node: string;
  platform: string;
  postgres: string;
  /** That Postgres writes to disk before it acknowledges. */
  durable: boolean;
}

export function machine(postgres: string, durable: boolean): Machine {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    cpu: cpu?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    postgres,
    durable,
  };
}

export function machineLine({ cores, cpu, memoryGb, node, platform, postgres, durable }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGb} GB, ${platform}, Node ${node}, PostgreSQL ${postgres} (fsync ${durable ? 'on' : 'off'}), everything on one machine`;
}
