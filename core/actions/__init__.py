"""The writers of core: accounts, grants, nodes, stored files."""
