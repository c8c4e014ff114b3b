"""A MariaDB server in the folder of the scenario, and its client as a judge."""
import os
import shutil
import subprocess
import time

from processes import DEADLINE, PLUGINS, Failure, Process, run

SOCKET = os.path.abspath("server.sock")


def is_there():
    """The server, and the plugin for it."""
    return shutil.which("mariadbd") is not None and os.path.exists(f"{PLUGINS}/mariadb.so")


class Server(Process):
    """Serves the folder `data` at SOCKET; the first one makes it."""

    def __init__(self):
        if not os.path.exists("data"):
            subprocess.run(["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={os.path.abspath('data')}",
                            "--auth-root-authentication-method=normal", "--skip-test-db"], check=True, capture_output=True,
                           timeout=10 * DEADLINE)
        super().__init__("mariadbd", ["mariadbd", "--no-defaults", "--user=root", f"--datadir={os.path.abspath('data')}",
                                      f"--socket={SOCKET}", "--skip-networking", "--innodb-flush-log-at-trx-commit=1"])
        if self.wait_for("ready for connections") is None:
            raise Failure(f"no server: {self.lines[-5:]}")
        until = time.monotonic() + DEADLINE
        while not os.path.exists(SOCKET) and time.monotonic() < until:
            self.read(0.1)


def ask(statement, database=""):
    return run("mariadb", "--no-defaults", "--user=root", "--default-character-set=utf8mb4", f"--socket={SOCKET}", "-N", "-B", "-e",
               statement, database)


def drop_remarks():
    """The plugin tells the sanitizer of its fibers' stacks; that it may be wrong about them it remarks all the same."""
    for report in os.listdir("."):
        if not report.startswith("sanitizer."):
            continue
        with open(report, encoding="utf-8") as f:
            rest = [line for line in f if "doesn't fully support makecontext/swapcontext" not in line]
        if not rest:
            os.remove(report)
