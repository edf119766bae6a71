"""All measurements, one after the other."""

from benchmarks import audit, checking, cold, hidden64, hidden512, printing, rows, steps

for part in (cold, hidden64, hidden512, steps, rows, printing, audit, checking):
    part.main()
