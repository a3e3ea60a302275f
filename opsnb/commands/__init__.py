"""Verbs of the command line, one module a user's task; `opsnb.cli` names them to the shell."""
