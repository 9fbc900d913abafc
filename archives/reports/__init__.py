"""Reports as they are read: on the page, in a workbook, on paper, all from the same declared columns.

columns   the declared columns of part A with their two-level head
summary   the schools of a node: who has sent, subtotals and totals summed in the database
sheets    workbooks
paper     PDF
"""
