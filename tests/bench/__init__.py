"""Measuring on a generated county: `make bench ARGS="--pupils 174000 --schools 357"`. Nothing here is asserted, and pytest collects none
of it; the figures that count are the ratios to a stated baseline in the same run (docs/benchmarks.md)."""
