"""How Hypothesis runs here: the same examples on every machine, however busy it is; a failure prints the line that
repeats it. With KSDS_TEST_SCALE above 1 the examples are new ones each time."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,
    print_blob=True,
    derandomize=float(os.environ.get("KSDS_TEST_SCALE", "1")) <= 1,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")
