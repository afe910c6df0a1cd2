"""A PostgreSQL server of the tests' own: no network, a socket in a private folder, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg


def programs():
    """The folder of initdb and postgres, None when they are not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").is_file()), None)


class Postgres:
    """One server; start it as a context manager."""

    def __init__(self):
        self.programs = programs()
        # The server refuses to run as root.
        self.account = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
        self.folder = Path(tempfile.mkdtemp(prefix="scaleml-pg-"))
        self.url = f"postgresql://grader@/postgres?host={self.folder}"

    def __enter__(self):
        if self.account:
            shutil.chown(self.folder, "nobody")
        initdb = [self.programs / "initdb", "-D", self.folder / "data", "-U", "grader", "-A", "trust", "-E", "UTF8"]
        options = {"stdout": subprocess.DEVNULL, "cwd": self.folder, **self.account}
        subprocess.run([*initdb, "--no-sync", "--locale=C"], check=True, **options)
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Start it, and wait until it answers."""
        settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", self.folder]
        self.server = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self.account,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                assert self.server.poll() is None and time.monotonic() < deadline, "PostgreSQL does not start"
                time.sleep(0.05)

    def stop(self):
        """End it and wait for it, as its package's restart does."""
        self.server.send_signal(signal.SIGINT)
        self.server.wait(60)

    def database(self, name):
        """Make an empty database; returns its address, without a driver named."""
        with contextlib.closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(f'create database "{name}"')
        return f"postgresql://grader@/{name}?host={self.folder}"

    def kill_connections(self, name):
        """kill -9 the server's processes behind the connections to a database; returns how many."""
        with contextlib.closing(psycopg.connect(self.url, autocommit=True)) as connection:
            rows = connection.execute("select pid from pg_stat_activity where datname = %s", [name]).fetchall()
            for (pid,) in rows:
                os.kill(pid, signal.SIGKILL)
        return len(rows)
