"""What later work leans on, proven under fault: `make proof` (pytest -m proof tests/proof). Minutes, not hours.

A proof is a pytest module in this folder; conftest marks nothing by hand, tests/conftest.py marks all of it `proof`. One that is
short enough for every run also says ``@pytest.mark.quick``; one that has to wait for tens of minutes ``@pytest.mark.long`` and runs by
`make proof ARGS="-m long"`. Each proof

    counts what it did and what went wrong, and says so with ``tally(proof, what, times, wrong, note)``: a row of the printed table;
    has a negative control: the same proof with the guard taken away must find something wrong (``tally(…, control=True)``).

The table is printed at the end and written to var/proof/results.md; docs/proofs.md is written by hand from it, with machine and date.
"""
