"""Hosts: programs of others that show problems and solutions in their own documents."""
