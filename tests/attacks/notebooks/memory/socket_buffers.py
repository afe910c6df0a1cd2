# ---
# class: memory exhaustion
# tries: fills the buffers of thousands of pipes and sockets, which the system holds
# success: it holds more than half of the limit in the system's own memory
# dangerous: true
# ---

# %% solution="total"
import os
import socket
import time

held, kept = 0, []
try:
    while held < @MEMORY_MB@ * 2**20:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        kept += [reading, writing]
        held += os.write(writing, b"x" * 65536)
except OSError:
    pass
try:
    for _ in range(400):
        one, other = socket.socketpair()
        kept += [one, other]
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
        while True:
            try:
                held += one.send(b"x" * 65536)
            except BlockingIOError:
                break
except OSError:
    pass
time.sleep(1)
if held > @MEMORY_MB@ * 2**20 // 2:
    print("PROOF", "@NAME@", f"held {held // 2**20} MB in buffers", sep="::", flush=True)
