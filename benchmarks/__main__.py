"""All measurements, one after the other."""

from benchmarks import audit, backward, checking, cold, hidden64, hidden512, printing, rows, steps

for part in (cold, hidden64, hidden512, steps, rows, printing, backward, audit, checking):
    part.main()
