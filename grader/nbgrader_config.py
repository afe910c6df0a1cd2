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

# Student code runs in one sandboxed kernel, the tests in a process that it cannot reach.
c.Autograde.autograde_preprocessors = [
    "scaleml_course.grading.split.preprocessor.SplitExecute",
    "nbgrader.preprocessors.LimitOutput",
    "scaleml_course.grading.split.preprocessor.StderrCostsNothing",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Limits for one cell and for the whole notebook, in seconds. `scaleml grade` takes both, and the others, from the
# exercise's own front matter; these hold when nbgrader is called by hand.
c.SplitExecute.timeout = 60
c.SplitExecute.notebook_timeout = 300.0

# What students get back: one page each that holds no hidden test, no script, and asks for nothing from elsewhere.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "scaleml_course.grading.hidden.HideTests",
]
c.GenerateFeedback.exporter_class = "scaleml_course.grading.student_page.StudentPage"

# What the instructor opens in formgrader must not run what a student's notebook printed either.
c.HTMLExporter.sanitize_html = True
