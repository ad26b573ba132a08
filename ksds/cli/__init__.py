"""The program `ksds`: one command for each thing a person does with a data set.

Results go to standard output, errors to standard error as one line. The exit status is the condition code: 0 4 8 12 16,
and 2 for a usage error of the command line itself.
"""

from ksds.cli.program import main, run

__all__ = ["main", "run"]
