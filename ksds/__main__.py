"""`python -m ksds`: the program `ksds`."""

from ksds.cli import main

if __name__ == "__main__":
    main()
