"""What pages, workbooks and paper show of the students: columns declared once, figures with the addresses of their names."""
