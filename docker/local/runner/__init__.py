"""Sets Gridwarden up on this machine and runs it: `make run`, `make test`, `make bench`.

Needs only the standard library of Python 3.11, since it makes the virtual environment all else lives in.
"""
