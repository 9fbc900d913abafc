"""Sets a machine up, with nothing but the standard library: run by the system's python3 before there is a virtual environment.

    python3 config/machine.py demo | test | check | bench | proof [words]

Each step leaves a stamp with the digest of what it came from, so that the second run does nothing.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".make"
SYSTEM_PACKAGES = {
    "libpango-1.0-0": "排版（WeasyPrint 画 PDF）",
    "libpangoft2-1.0-0": "排版（WeasyPrint 画 PDF）",
    "libharfbuzz-subset0": "在 PDF 里嵌入字体",
    "fonts-noto-cjk": "宋体、黑体",
    "fonts-lxgw-wenkai": "楷体",
    "fonts-babelstone-han": "姓名里的生僻字",
}
# As many at once as the machine has processors, four at most; browser journeys stay in one process (tests/conftest.py).
SUITE = ["-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]
PROOF_PACKAGES = {"libreoffice-calc-nogui": "核对导出的表格在别的办公软件里不变"}
TEST_PACKAGES = {"chromium": "浏览器走查", "poppler-utils": "核对 PDF 的页面和文字", "git": "列出仓库里的文件"}


def main(arguments: list[str]) -> None:
    goal, *rest = arguments or ["demo"]
    if goal not in ("demo", "test", "check", "bench", "proof"):
        raise SystemExit(f"不认识“{goal}”，可用：demo、test、check、bench、proof。")
    if sys.version_info < (3, 11):  # noqa: UP036  this file is what meets an older one
        raise SystemExit(f"需要 Python 3.11 或更新的版本，现在是 {sys.version.split()[0]}。")
    os.chdir(ROOT)
    developing = goal != "demo"
    elsewhere = {} if platform.machine() == "x86_64" else {"redis-server": "任务队列（这种处理器没有现成的 Python 安装包）"}
    further = (TEST_PACKAGES if developing else {}) | (PROOF_PACKAGES if goal == "proof" else {})
    install_system_packages(SYSTEM_PACKAGES | elsewhere | further)
    make_environment(ROOT / ("requirements-dev.lock" if developing else "requirements.lock"))
    install_front_end()
    if goal == "bench":
        environment_beside("bench", ROOT / "requirements-bench.lock")
    python = str(VENV / "bin" / "python")
    tests = ["-m", "pytest", *rest] if rest else SUITE  # a few tests are done before a second process has started
    words = {
        "demo": ["manage.py", "demo"],
        "test": tests,
        "check": ["-m", "config.verify", *rest],
        "bench": ["-m", "tests.bench", *rest],
        "proof": ["-m", "pytest", "-q", "-m", "proof and not long", "tests/proof", *rest],
    }[goal]
    os.execv(python, [python, *words])


def install_system_packages(wanted: dict[str, str]) -> None:
    """Through apt as root or with sudo; otherwise say the line to type and stop."""
    if not shutil.which("dpkg-query"):
        say("这台机器没有 apt，请自行确认已有：" + "、".join(f"{name}（{why}）" for name, why in wanted.items()))
        return
    wanted = wanted if has_ensurepip() or (VENV / "bin" / "python").exists() else {**wanted, "python3-venv": "建立 Python 虚拟环境"}
    missing = {name: why for name, why in wanted.items() if not is_installed(name)}
    if not missing:
        return
    say("缺少系统软件：")
    for name, why in missing.items():
        say(f"  · {name}：{why}")
    line = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    before = [] if os.geteuid() == 0 else ["sudo"]
    if before and not may_sudo():
        raise SystemExit(f"当前用户不能安装。请管理员执行下面一行，然后重新运行：\n\n  sudo apt-get update && sudo {' '.join(line)}\n")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*before, "apt-get", "update", "-q"], "更新软件目录", env=quiet)
    run([*before, *line], "安装系统软件", env=quiet)


def has_ensurepip() -> bool:
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0


def is_installed(package: str) -> bool:
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True)
    return asked.stdout == "installed"


def may_sudo() -> bool:
    """Without a question, or with one that somebody is there to answer and allowed to."""
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0


def make_environment(lock: Path) -> None:
    """.venv as the lock says, hashes checked. The developers' lock holds everything of the other one."""
    developers = ROOT / "requirements-dev.lock"
    stamp = VENV / "nol-stamp"
    said = stamp.read_text() if stamp.exists() else ""
    if said in (digest(lock), digest(developers)):
        return
    uv = tool("uv", "requirements-uv.lock")
    if not (VENV / "bin" / "python").exists():
        run([uv, "venv", "--python", sys.executable, str(VENV)], "建立 .venv")
    run([uv, "pip", "sync", "--python", str(VENV / "bin" / "python"), "--require-hashes", str(lock)], f"按 {lock.name} 安装 Python 软件包")
    stamp.write_text(digest(lock))


def environment_beside(name: str, lock: Path) -> None:
    """.make/<name>: what is installed for a comparison only and may not stand beside our own packages."""
    folder = TOOLS / name
    stamp = folder / "nol-stamp"
    if stamp.exists() and stamp.read_text() == digest(lock):
        return
    run([sys.executable, "-m", "venv", "--clear", str(folder)], f"为 {name} 建立 {folder.relative_to(ROOT)}")
    pip = [str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", str(lock)], f"按 {lock.name} 安装")
    stamp.write_text(digest(lock))


def install_front_end() -> None:
    lock = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / ".nol-stamp"
    if stamp.exists() and stamp.read_text() == digest(lock):
        return
    npm = tool("npm", "requirements-node.lock")
    paths = {**os.environ, "PATH": f"{Path(npm).parent}{os.pathsep}{os.environ['PATH']}"}
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "安装前端软件包", env=paths)
    stamp.write_text(digest(lock))


def tool(name: str, lock: str) -> str:
    """The system's tool, or one of our own under .make, from a lock with hashes."""
    found = shutil.which(name)
    if found:
        return found
    folder = TOOLS / name
    path = folder / "bin" / name
    if not path.exists():
        environment_beside(name, ROOT / lock)
    return str(path)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(command: list[str], label: str, **named) -> None:
    """One step. What it says is shown only when it fails: a newcomer reads our lines, not apt's."""
    say(f"· {label}")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **named)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}\n“{label}”没有完成（{' '.join(command[:4])} …，代码 {done.returncode}），原因见上。")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
