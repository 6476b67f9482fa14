"""Campaigns that are being written in the office: files, revisions, and what checks them."""
