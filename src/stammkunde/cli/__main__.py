"""`python -m stammkunde.cli`, for where scripts are not on the path."""

from stammkunde.cli import main

main()
