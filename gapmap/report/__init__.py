"""Report: tables and documents; the only home of the document libraries."""
