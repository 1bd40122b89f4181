"""Roster files: `.csv` in UTF-8 or GB18030 and `.xlsx`; a bad file is a problem in the result, no error.

`reading.read` takes bytes from anywhere; `csv_table` and `xlsx_table` make tables, `columns` has what school
offices call things, `rows` makes people, classes, pupils and shifts; `writing` writes CSV that Excel opens.
"""

from integrations.roster_files.reading import read, read_path

__all__ = ["read", "read_path"]
