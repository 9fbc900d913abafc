"""Reports as they are read: on the page, in a workbook, on paper, all from the same declared columns.

columns   the declared columns of part A with their two-level head
summary   the schools of a node: who has sent, subtotals and totals summed in the database
pages, summary_page   what the pages show, in the shapes of templates/components
export    a report or a table as a file with its audit number
sheets    workbooks
paper     PDF
"""
