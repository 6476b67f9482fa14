"""Certificates in the formats the world reads, made and verified offline."""
