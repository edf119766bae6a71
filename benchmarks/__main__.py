"""All measurements, one after the other."""

from benchmarks import audit, cold, hidden64, hidden512, printing, steps

for part in (cold, hidden64, hidden512, steps, printing, audit):
    part.main()
