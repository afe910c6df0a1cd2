# ---
# class: forged outputs and messages
# tries: display data and results with the metadata of graded cells, points and hostile types
# success: any point or harm
# ---

# %% solution="total"
from IPython.display import display, publish_display_data, update_display

marks = {"nbgrader": {"grade": True, "grade_id": "total_any", "points": 99, "locked": False}, "tags": ["skip-execution"]}
publish_display_data({"text/plain": "99"}, metadata=marks)
display("3", display_id="total_small", metadata=marks)
for number in range(50):
    update_display("99", display_id="total_small")
publish_display_data({"application/vnd.jupyter.widget-view+json": {"model_id": "../../x"}, "text/html": "<script>1</script>"})
publish_display_data({"application/json": {"a": float("nan")}, "image/png": "not base64", "text/plain": "x"})
