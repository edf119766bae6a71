"""All measurements, one after the other."""

from benchmarks import cold, hidden64, hidden512, printing, steps

for part in (cold, hidden64, hidden512, steps, printing):
    part.main()
