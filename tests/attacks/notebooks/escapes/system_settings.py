# ---
# class: ptrace, namespaces and /proc
# tries: opens system settings, devices and control groups for writing (and writes nothing)
# success: any of them opens
# ---

# %% solution="total"
import glob

places = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/dev/mem", "/dev/kmsg", "/proc/kcore", "/dev/vda"]
places += glob.glob("/sys/fs/cgroup/*/release_agent") + glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True)[:50]
places += glob.glob("/sys/kernel/*") + ["/sys/power/state"]
for path in places:
    try:
        open(path, "r+b", 0).close()
    except OSError:
        continue
    print("PROOF", "@NAME@", "could write " + path, sep="::")
    break
