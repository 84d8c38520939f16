"""What the notebooks of the documents import: report, brief, slides and plan."""
