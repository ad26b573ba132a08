"""`python -m ksds`: the program `ksds`."""

from ksds.cli import main

main()
