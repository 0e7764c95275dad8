"""`python -m tocsin.run` is the `tocsin` script."""

from tocsin.run.cli import main

main()
