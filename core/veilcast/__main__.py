"""`python -m veilcast`."""

from veilcast.cli import main

main()
