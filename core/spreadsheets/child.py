"""The child process that parses a stranger's workbook: `python -m core.spreadsheets.child`, its order on stdin, records on stdout."""

import json
import os
import resource
import sys

OUT_OF_MEMORY = 9


def main():
    order = json.load(sys.stdin)
    bounds = order["limits"]
    # before any parser is loaded, so that even its start is bounded
    resource.setrlimit(resource.RLIMIT_AS, (bounds["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (bounds["cpu_seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    from core.spreadsheets.admission import Limits, WorkbookRefused
    from core.spreadsheets.reading import bounded, read_records
    from core.spreadsheets.records import head_record

    try:
        records = read_records(order["path"], order["name"], order["kind"], Limits(**bounds))
        sys.stdout.buffer.writelines(bounded(records, order["name"], bounds["output_bytes"]))
    except WorkbookRefused as refusal:
        sys.stdout.buffer.write(head_record({"refused": str(refusal)}).encode())
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # at once: whatever else wants memory now


if __name__ == "__main__":
    main()
