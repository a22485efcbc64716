"""`python -m normflow` is the command line."""

from normflow.cli import main

main()
