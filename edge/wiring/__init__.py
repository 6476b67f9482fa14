"""Puts a site together, a function a wing: each from the settings, the journal and earlier wings.

The node, what reads its folder beside it, and the commands use the same functions, so that a
certificate is judged alike wherever it is shown.
"""
