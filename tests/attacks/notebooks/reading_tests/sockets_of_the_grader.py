# ---
# class: reading tests from disk, memory and processes
# tries: connects to every unix and TCP socket that is listed, and asks
# success: a secret told, or a listener outside reached
# ---

# %% solution="total"
import socket

for line in open("/proc/net/unix").read().splitlines()[1:]:
    name = line.split()[-1]
    if name[:1] in "@/":
        try:
            with socket.socket(socket.AF_UNIX) as one:
                one.settimeout(0.2)
                one.connect("\0" + name[1:] if name[0] == "@" else name)
                one.send(b"@NAME@ was here\n")
                print(name, one.recv(1000))
        except OSError:
            continue
for line in open("/proc/net/tcp").read().splitlines()[1:]:
    try:
        with socket.create_connection(("127.0.0.1", int(line.split()[1].split(":")[1], 16)), 0.2) as one:
            one.send(b"@NAME@ was here\n")
            print(one.recv(1000))
    except OSError:
        continue
