"""How nbgrader runs this course: `nbgrader` and formgrader read it in this folder, `scaleml grade` always."""

c = get_config()  # noqa: F821 (given by traitlets)

c.CourseDirectory.course_id = "scaleml"
# The gradebook is SQLite, <course folder>/gradebook.db, unless this names another database:
# c.CourseDirectory.db_url = "postgresql://..."

# Before a notebook runs: the released notebook is rebuilt around the student's answers.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "scaleml_course.grading.sanitize.Rebuild",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The seam: whatever isolates student code from the tests takes the place of ExecuteWithinLimits.
c.Autograde.autograde_preprocessors = [
    "scaleml_course.grading.execute.ExecuteWithinLimits",
    "nbgrader.preprocessors.LimitOutput",
    "scaleml_course.grading.execute.StderrCostsNothing",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Limits for one cell and for the whole notebook, in seconds. `scaleml grade` sets both from the
# exercise's own timeout_s; these hold when nbgrader is called by hand.
c.ExecuteWithinLimits.timeout = 60
c.ExecuteWithinLimits.notebook_timeout = 300.0
c.ExecuteWithinLimits.interrupt_on_timeout = True
c.ExecuteWithinLimits.kernel_name = "python3"

# A page that students open must not run what another student's notebook printed.
c.HTMLExporter.sanitize_html = True
