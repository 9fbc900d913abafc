"""How a report comes together: pure rules over records and dates.

figures    the columns of domain.md §11.8 part A, and what a report's `figures` holds
checks     the balance: each sum with both its sides
periods    which days a period covers and when it is due
counting   the figures of many schools in a constant number of queries
content    what is signed: the canonical bytes and their fingerprint
"""
