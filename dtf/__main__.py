"""`python -m dtf`: the program `dtf`."""

from dtf.cli import main

main()
