# ---
# class: ptrace, namespaces and /proc
# tries: attaches to the processes above it and reads and writes their memory
# success: it attaches
# dangerous: true
# ---

# %% solution="total"
import ctypes
import glob
import os

libc = ctypes.CDLL(None, use_errno=True)


class Part(ctypes.Structure):
    _fields_ = [("where", ctypes.c_void_p), ("size", ctypes.c_size_t)]


for folder in glob.glob("/proc/[0-9]*"):
    pid = int(folder[6:])
    if pid in (os.getpid(), 1) or pid > os.getpid():
        continue
    buffer = ctypes.create_string_buffer(64)
    try:
        line = next(line for line in open(f"{folder}/maps") if "rw" in line)
    except (OSError, StopIteration):
        continue
    there = Part(int(line.split("-")[0], 16), 64)
    here = Part(ctypes.addressof(buffer), 64)
    if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 64:
        print("PROOF", "@NAME@", "read the memory of a process above it", sep="::")
        break
