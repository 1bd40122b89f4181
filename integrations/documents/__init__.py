"""Everything that is printed: a typst template and the file that fills it stand side by side.

`typesetting` is the one way to a PDF; data reaches a template as JSON only, so that no name is ever read as markup.
"""
