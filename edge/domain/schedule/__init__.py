"""Vaccination schedules: which dose counts, which is due, when, and why not.

The vocabulary and the steps are those of CDC's "CDSi Logic Specification" (version 4). Everything
here is pure: a history and a schedule in, evaluations and a forecast out.
"""
