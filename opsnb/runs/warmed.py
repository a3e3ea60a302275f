"""Imported by the fork server, whose children then have everything; nobody else imports it.

Python's fork server can only be told what to import, so that here the import is the work.

Attributes
----------
THREADS : int
    How many threads the process had afterwards; with more than one a fork is not safe.
PROCESS : int
    Its number.
BORN : int
    When it began to read its code, which is before all that it reads.
"""

import os

from opsnb.runs import unchanged
from opsnb.runs.warm import warm_up

THREADS = warm_up()
PROCESS = os.getpid()
BORN = unchanged.BORN
