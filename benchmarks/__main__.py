"""All measurements, one after the other."""

from benchmarks import (
    audit,
    backward,
    checking,
    cold,
    hidden64,
    hidden512,
    printing,
    rows,
    steps,
    variants,
)

for part in (cold, hidden64, hidden512, steps, rows, printing, variants, backward, audit, checking):
    part.main()
