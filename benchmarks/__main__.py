"""All measurements, one after the other."""

from benchmarks import (
    aligned,
    audit,
    backward,
    checking,
    cold,
    hidden64,
    hidden512,
    printing,
    ranges,
    rows,
    sized,
    steps,
    variants,
)

PARTS = (
    *(cold, hidden64, hidden512, steps, rows, printing, variants, backward),
    *(audit, aligned, ranges, sized, checking),
)

for part in PARTS:
    part.main()
