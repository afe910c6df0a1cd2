# ---
# class: ptrace, namespaces and /proc
# tries: opens its own interpreter for writing through `/proc/PID/exe` of every process, once that has ended
# success: it opens
# ---

# %% solution="total"
import glob
import os

kept = []
for path in glob.glob("/proc/[0-9]*/exe"):
    try:
        kept.append(os.open(path, os.O_RDONLY))
    except OSError:
        continue
for descriptor in kept:
    try:
        os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY))
    except OSError:
        continue
    print("PROOF", "@NAME@", "could write the interpreter", sep="::")
