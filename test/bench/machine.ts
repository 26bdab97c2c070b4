/** What the figures come from. They hold as ratios; who wants to compare more than that has to know the machine. */
import { cpus, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  cpu: string;
  memoryGb: number;
  node: string;
  platform: string;
  postgres: string;
}

export function machine(postgres: string): Machine {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    cpu: cpu?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    postgres,
  };
}

export function machineLine({ cores, cpu, memoryGb, node, platform, postgres }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGb} GB, ${platform}, Node ${node}, PostgreSQL ${postgres} (fsync on), everything on one machine`;
}
