"""Backup of a county in one file, and its restoration (`manage.py backup`, `manage.py restore`; docs/operations.md, reliability.md F20).

    parcel     the file itself: its parts, their checksums, what is damaged
    tools      pg_dump, pg_restore and psql of the server's own version
    tables     what the database holds: counts and digests of each table, on both sides computed alike
    keyring    which keys were in use, by number and fingerprint; the keys themselves are never in a backup
    taking     from the running county to the file
    restoring  from the file to an empty database

A backup is a tar file: manifest.json, manifest.signature, database.dump (pg_dump -Fc) and files/<sha256> as they lie sealed on the disk.
"""
