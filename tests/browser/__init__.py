"""What its conftest gives lives until the last test of this folder, for which it has to be a package."""
