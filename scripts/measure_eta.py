#!/usr/bin/env python3
"""How right is the ETA? Runs a config, asks `liquidbench status` all the time, and compares what it
said at a quarter, half and three quarters of the run with what the run then took.

    scripts/measure_eta.py [--history FILE] CONFIG [OPTION of run]...

--history writes what the trials took, for tests/unit/test_eta.c, which asks for the estimate at half time of
such histories (tests/reference/eta-*.json).

Prints estimate/true by the clock, and by processor time: what the estimate would have been, had other
programs left the run the same share of the machine until its end as they had left it before.
"""

import datetime
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


def seconds_of(line):
    return datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp()


def history(folder, log):
    """Of a run without a search: its estimate.json, its length, and of each trial the model, when it began
    and ended, its epochs, seconds and processor time of training, and seconds of the whole trial."""
    with open(log) as file:
        lines = [json.loads(line) for line in file]
    begun = seconds_of(lines[0])
    times = {}
    for line in lines:
        if "trial" in line:
            times.setdefault(line["trial"], []).append(round(seconds_of(line) - begun, 3))
    trials = []
    for stem, (start, end) in times.items():
        with open(os.path.join(folder, "trials", stem + ".json")) as file:
            record = json.load(file)
        cost = record["cost"]
        seconds = [round(cost[key], 4) for key in ("train_seconds", "train_cpu_seconds", "trial_seconds")]
        model = f"{record['dataset']}-{record['model']['name']}"
        trials.append([model, start, end, len(record.get("curve") or []), *seconds])
    with open(os.path.join(folder, "estimate.json")) as file:
        models = json.load(file)
    ended = max(end for _, _, end, *_ in trials)
    return {"jobs": models.pop("jobs"), "seconds": ended, "models": models, "trials": trials}


def put_history(told, path):
    del told["models"]["later_work"]
    with open(path, "w") as file:
        models = ",\n".join(f'"{name}": {json.dumps(model)}' for name, model in told["models"].items())
        trials = ",\n".join(map(json.dumps, told["trials"]))
        file.write(f'{{"jobs": {told["jobs"]}, "seconds": {told["seconds"]},\n')
        file.write(f'"models": {{\n{models}}},\n"trials": [\n{trials}]}}\n')


def watch(config, options, path):
    samples, at_work = [], 0
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log.jsonl")
        command = [PROGRAM, "run", config, "-o", folder, "-q", "--log", log, *options]
        begun = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
            while run.poll() is None:
                said = subprocess.run([PROGRAM, "status", "--json", folder], capture_output=True, check=False)
                status = json.loads(said.stdout) if said.stdout else {}
                now, cpu = time.monotonic() - begun, cpu_seconds(run.pid)
                samples.append((now, cpu, status.get("eta_seconds")))
                if not status or status["running"] + status["to_do"] > 0:
                    at_work = len(samples)
                time.sleep(0.2)
        if run.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: exit code {run.returncode}")
        if path is not None:
            put_history(history(folder, log), path)
        return samples[: at_work + 1]  # the report is no part of the estimate


def main():
    arguments = sys.argv[1:]
    path = None
    if arguments[:1] == ["--history"]:
        path, arguments = arguments[1], arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    samples = watch(arguments[0], arguments[1:], path)
    total, total_cpu, _ = samples[-1]
    print(f"{arguments[0]}: {total:.1f} s, {total_cpu:.1f} s on processors, load {os.getloadavg()[0]:.1f}")
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
