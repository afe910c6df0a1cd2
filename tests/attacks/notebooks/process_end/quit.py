# ---
# class: ending processes
# tries: "`exit`, `quit`, SystemExit, and a kernel that shuts itself down"
# success: any point, or a stalled class
# ---

# %% solution="total"
get_ipython().ask_exit()
get_ipython().kernel.do_shutdown(False)
exit()
