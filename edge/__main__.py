"""Lets ``python -m edge`` be the command ``divoc-edge``."""

from edge.cli import main

if __name__ == "__main__":
    main()
