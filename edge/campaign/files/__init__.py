"""Files with tables as people have them: text in any of its dialects, and Excel's workbooks."""
