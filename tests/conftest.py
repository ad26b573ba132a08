"""How Hypothesis runs here: no deadlines, for the machine may be busy; a failure prints the line that repeats it."""

from hypothesis import settings

settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")
