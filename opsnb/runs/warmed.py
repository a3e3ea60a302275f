"""Imported by the fork server, whose children then have everything; nobody else imports it.

Python's fork server can only be told what to import, so that here the import is the work.

Attributes
----------
THREADS : int
    How many threads the process had afterwards; with more than one a fork is not safe.
"""

from opsnb.runs.warm import warm_up

THREADS = warm_up()
