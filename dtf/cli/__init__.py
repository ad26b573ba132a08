"""The program `dtf`: Processes, the local node, and what is in its files.

Console lines and tables go to standard output, errors to standard error as one line. The exit status is the
condition code: 0 4 8 12 16, and 2 for a usage error of the command line itself. The wall clock is read here only.
"""

from dtf.cli.program import carry_out, main

__all__ = ["carry_out", "main"]
