"""`python -m dtf`: the program `dtf`."""

from dtf.cli import main

if __name__ == "__main__":
    main()
