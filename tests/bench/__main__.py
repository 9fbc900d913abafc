"""`python -m tests.bench`: make the county, import it, measure, print a table; var/bench/results.json has the same figures."""

import argparse
import json
import logging
import os
import platform
import shutil
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "bench"


def main():
    ask = argparse.ArgumentParser(prog="make bench")
    ask.add_argument("--pupils", type=int, default=17_400)
    ask.add_argument("--schools", type=int, default=36)
    ask.add_argument("--inline", action="store_true", help="lists with inline strings, as openpyxl writes them, instead of shared ones")
    ask.add_argument("--keep", action="store_true", help="take the county of the last run as it stands and measure only what reads")
    asked = ask.parse_args()
    os.environ |= {"NOL_HOME": str(FOLDER / "home"), "NOL_ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    if not asked.keep:
        shutil.rmtree(FOLDER / "home", ignore_errors=True)
    from config.embedded import Embedded

    servers = Embedded(FOLDER / "home")
    servers.hold()
    try:
        results = measured(asked)
    finally:
        servers.release()
    (FOLDER / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    show(results, asked)


def measured(asked):
    from tests.bench import commands

    commands.manage("collectstatic", "--noinput", "-v0")
    lists = commands.county(FOLDER, asked.pupils, asked.schools, inline=asked.inline)
    results = [] if asked.keep else commands.imports(lists)
    import django

    django.setup()
    logging.disable(logging.INFO)
    from config.warming import warm
    from tests.bench import reading, signing

    roll = lists / dict(commands.LISTS)["roll"]
    results += [] if asked.keep else commands.other_importer(roll)
    warm()  # as a server is before its first visitor
    return [*results, *reading.comparing(), *reading.pages(), *reading.papers(FOLDER), *signing.signing()]


def show(results, asked):
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today()}"
    strings = "inline" if asked.inline else "shared"
    print(f"\n{asked.pupils} pupils, {asked.schools} schools, lists with {strings} strings; {machine}\n")
    print("| what | measured | baseline in the same run | ratio |\n|---|---|---|---|")
    for result in results:
        base = f"{result['baseline']}: {result['base']:.2f} s" if result.get("base") else "–"
        ratio = f"{result['seconds'] / result['base']:.2f}" if result.get("base") else "–"
        print(f"| {result['what']} | {result['seconds']:.3f} s{result.get('note', '')} | {base} | {ratio} |")


if __name__ == "__main__":
    main()
