#!/usr/bin/env python3
"""How right is the ETA? Runs a config, asks `liquidbench status` all the time, and compares what it
said at a quarter, half and three quarters of the run with what the run then took.

    scripts/measure_eta.py CONFIG [OPTION of run]...

Prints estimate/true by the clock, and by processor time: what the estimate would have been, had other
programs left the run the same share of the machine until its end as they had left it before.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ.get("LIQUIDBENCH", "./liquidbench")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(parent):
    """Of the process, its children that have ended, and those that run."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(pid) == parent:
            total += sum(int(field) for field in fields[11:15])
        elif int(fields[1]) == parent:
            total += sum(int(field) for field in fields[11:13])
    return total / TICKS


def watch(config, options):
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "run", config, "-o", folder, "-q", *options]
        begun = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
            while run.poll() is None:
                said = subprocess.run([PROGRAM, "status", "--json", folder], capture_output=True, check=False)
                status = json.loads(said.stdout) if said.stdout else {}
                now, cpu = time.monotonic() - begun, cpu_seconds(run.pid)
                samples.append((now, cpu, status.get("eta_seconds")))
                if status and status["running"] + status["to_do"] == 0:
                    break  # the report is no part of the estimate
                time.sleep(0.2)
        if run.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: exit code {run.returncode}")
        return samples


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    samples = watch(sys.argv[1], sys.argv[2:])
    total, total_cpu, _ = samples[-1]
    print(f"{sys.argv[1]}: {total:.1f} s, {total_cpu:.1f} s on processors")
    for share in (0.25, 0.5, 0.75):
        known = [s for s in samples if s[2] is not None and s[0] >= share * total]
        if not known:
            continue
        now, cpu, eta = known[0]
        by_cpu = eta * (cpu / now) / max(total_cpu - cpu, 1e-9)
        print(
            f"  at {now:6.1f} s ({now / total:4.0%}): estimate {eta:6.1f} s, true {total - now:6.1f} s, "
            f"ratio {eta / (total - now):.2f}, by processor time {by_cpu:.2f}"
        )


if __name__ == "__main__":
    main()
