"""`python -m sentiment` is the command `sentiment`."""

from sentiment.cli import main

if __name__ == "__main__":
    main()
