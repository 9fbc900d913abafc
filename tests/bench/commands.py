"""What the county's office does with commands: making the lists, importing them one after the other."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.shared import share_strings

ROOT = Path(__file__).resolve().parents[2]
LISTS = (
    ("divisions", "行政区划.csv"), ("schools", "学校名录.xlsx"), ("roll", "学籍库.xlsx"), ("attending", "在校学生花名册.xlsx"),
    ("hukou", "公安户籍.xlsx"), ("poverty", "乡村振兴-脱贫户监测户.xlsx"), ("civil_affairs", "民政-低保特困孤儿.xlsx"),
    ("disabled", "残联-残疾人证.xlsx"),
)  # fmt: skip
PLAIN_PASS = """
import openpyxl, sys
for sheet in openpyxl.load_workbook(sys.argv[1], read_only=True):
    for _ in sheet.iter_rows(values_only=True):
        pass
"""


def manage(*words):
    """Standard output of a command, and the most memory that it or a process of its own took, in MB."""
    watched = f"import resource, subprocess, sys; code = subprocess.call({[sys.executable, 'manage.py', *words]!r});"
    watched += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", watched], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"manage.py {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout, int(done.stderr.split()[-1])


def county(folder, pupils, schools, *, inline):
    """The folder with the county's lists, made once for each size: as Excel and WPS save them, or `inline` as make_county writes them."""
    out = folder / f"county-{pupils}-{schools}"
    if not (out / "truth.json").exists():
        print(f"· making the lists of {pupils} pupils", flush=True)
        manage("make_county", "--out", str(out), "--pupils", str(pupils), "--schools", str(schools))
    return out if inline else _shared(out)


def _shared(lists):
    """The same lists with shared strings."""
    out = lists.with_name(f"{lists.name}-shared")
    if not (out / "truth.json").exists():
        print("· sharing their strings", flush=True)
        out.mkdir(exist_ok=True)
        for path in sorted(lists.iterdir(), key=lambda path: path.name == "truth.json"):  # the mark that all is there comes last
            (share_strings if path.suffix == ".xlsx" else shutil.copyfile)(path, out / path.name)
    return out


def imports(lists):
    """Every list read, staged, previewed and applied, beside a plain openpyxl pass over the same file."""
    manage("migrate", "-v0")
    manage("start_county", "--code", "990101000000", "--name", "示范县", "--admin", "admin")
    return [*(one_import(kind, lists / name) for kind, name in LISTS), again(lists / "学籍库.xlsx")]


def again(path):
    """Yesterday's roll sent once more under today's date."""
    return one_import("roll", path, on="2020-03-02") | {"what": "the same roll the day after"}


def one_import(kind, path, on="2020-03-01"):
    print(f"· importing {path.name}", flush=True)
    before = plain_pass(path)
    output, megabytes = manage("import_file", kind, str(path), "--as-of", on, "--by", "admin", "--apply", "--json")
    answer = json.loads(output)
    base = (before + plain_pass(path)) / 2 if before else None
    note = f" ({answer['rows']} rows, {answer['unchanged']} unchanged, {len(answer['refused'])} refused, {megabytes} MB)"
    return {"what": f"import {kind}", "seconds": answer["seconds"], "note": note, "baseline": "plain openpyxl pass", "base": base}


def other_importer(path):
    """The same rows through django-import-export, in its own environment; nothing where `make bench` has not made one."""
    python = ROOT / ".make" / "bench" / "bin" / "python"
    if not python.exists():
        print("· no .make/bench: make bench sets it up; django-import-export is left out", flush=True)
        return
    from django.conf import settings

    print(f"· django-import-export reads {path.name}", flush=True)
    wanted = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    database = {key: settings.DATABASES["default"][key] for key in wanted if key in settings.DATABASES["default"]}
    command = [str(python), str(ROOT / "tests" / "bench" / "other_importer.py"), str(path)]
    done = subprocess.run(command, input=json.dumps(database, default=str), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"django-import-export ended with {done.returncode}:\n{done.stderr}")
    told = json.loads(done.stdout)
    note = f" ({told['rows']} rows into a bare table, unchecked, {told['megabytes']} MB)"
    yield {"what": "the roll by django-import-export", "seconds": told["seconds"], "note": note}


def plain_pass(path):
    """Seconds of reading every row of the workbook with openpyxl, read-only, values only; 0 for a text table."""
    if path.suffix != ".xlsx":
        return 0
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", PLAIN_PASS, str(path)], check=True)
    return time.monotonic() - began
